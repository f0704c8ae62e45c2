# SPDX-License-Identifier: Apache-2.0
"""Rescue images in the storage, named by their content."""
import hashlib
import os

from baas.node import errors
from baas.node import journal
from baas.node import stores
from baas.node.stores import base
from baas.node.stores import nfs

_PIECE = 1 << 20


def store(request, files):
    """Store files that are not stored yet.

    Options: store, folder (where images of this node are).

    :param files: {name: path}.
    :returns: {name: {'object', 'sha256', 'size'}}.
    :raises errors.NodeError: the storage does not take them.
    """
    nfs.reach(request)
    found = {}
    for name in sorted(files):
        request.report(task='storing the %s of the rescue image' % name)
        digest, size = _digest(files[name]), os.path.getsize(files[name])
        target = '%s/%s' % (request.option('folder'), digest)
        with stores.of(request) as place:
            if not place.exists(target):
                _send(request, place, files[name], target)
        found[name] = {'object': target, 'sha256': digest, 'size': size}
    return found


def _send(request, place, path, target):
    partial = '.%s.%s' % (target.rpartition('/')[2][:16], request.job)
    with journal.edit(request.job, request.epoch) as opened:
        opened.storing(target, base.beside(target, partial))
    total, done = os.path.getsize(path), 0
    with place.write(target, partial) as sink, open(path, 'rb') as source:
        for piece in iter(lambda: source.read(_PIECE), b''):
            sink.write(piece)
            done += len(piece)
            request.report(bytes_done=done, bytes_total=total,
                           percent=60 + 39 * done // total)
        sink.publish()


def clear(request):
    """Remove what was begun to be stored and is not whole."""
    data = journal.load()
    if not journal.is_open(data) or data['job'] != request.job or (
            not data.get('partial')) or not request.options.get('store'):
        return
    try:
        nfs.reach(request)
        with stores.of(request) as place:
            for name in data['partial'].values():
                place.remove(name)
    except errors.NodeError:
        pass  # It does no harm there, and has a name of its own.


def _digest(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as handle:
        for piece in iter(lambda: handle.read(_PIECE), b''):
            digest.update(piece)
    return digest.hexdigest()
