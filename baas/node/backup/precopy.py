# SPDX-License-Identifier: Apache-2.0
"""Read the living node beforehand, so that little is left to read while
quiesced."""
import os
import time

from baas.node.backup import reader
from baas.node.backup import reread
from baas.node import errors
from baas.node.filelist import listing
from baas.node.filelist import walk
from baas.node import journal
from baas.node import paths
from baas.node import payloads
from baas.node.payloads import pace
from baas.node.payloads import restic_cli
from baas.node import snapshots
from baas.node.snapshots import monitor
from baas.node.snapshots import mount_view
from baas.node.snapshots import snapshot
from baas.node.stores import nfs

_KIND = 'precopy'


def precopy(request):
    """Store what the node holds now, where it will be read while quiesced.

    Options: as of the verb ``capture``. Where every file system has
    snapshots nothing is done.

    :returns: {'snapshot': id or None, 'stored_bytes', 'seconds'}.
    :raises errors.NodeError: it could not be stored.
    """
    began = time.monotonic()
    mounts = snapshot.wanted(request.options.get('excludes', []))
    payload = payloads.of(request.options)
    if not snapshots.of(mounts)['none'] or not payload.repeats:
        return {'snapshot': None, 'stored_bytes': 0, 'seconds': 0.0}
    payload.require(request)
    pace.begin(request)
    nfs.reach(request)
    # Recorded before: whatever comes of it, the release removes it.
    _save(request, None, 0)
    tops = [os.fsdecode(mount['mountpoint']) for mount in mounts]
    top = mount_view.assemble({'job': request.job, 'snapshots': [],
                               'live': tops})
    pattern = walk.pattern(reader.globs(request, tops))
    since = reread.pause(tops)
    run = reader.Reading(
        request, top, pattern, _KIND, request.options.get('parent'),
        monitor.Monitor(request, {'snapshots': []}), live=True)
    with run:
        run.wait()
    stored = run.finish('read the node')['stored']
    _remember(request, top, pattern, since)
    name = _thin(request, top, pattern, since)
    _save(request, name, stored)
    return {'snapshot': name, 'stored_bytes': stored,
            'seconds': round(time.monotonic() - began, 3)}


def _save(request, name, stored):
    with journal.edit(request.job, request.epoch) as opened:
        opened.precopied(request.option('backup'), name, stored)


def _remember(request, top, pattern, since):
    """Hash what does not change, so that it need not be read while
    quiesced."""
    paths.make(paths.state('files'))
    path = paths.state('files', 'precopy.jsonl')
    writer = listing.Writer(
        path, paths.state('files', 'memory.jsonl'),
        request.option('backup'), request.option('host'), since)
    for name, found in walk.walk(top, pattern, None, True):
        try:
            writer.add(top, name, found)
        except FileNotFoundError:  # pragma: no cover - it vanishes meanwhile
            continue
        if writer.files % 50 == 0:
            request.report(percent=99, task='hashing files')
    writer.close()
    os.unlink(path)


def _thin(request, top, pattern, since):
    """Take out of the precopy what changed since it was begun.

    restic tells by size and time whether a file has changed. A file that was
    changed, read and changed again between two ticks of the clock would pass
    for unchanged, with the content of before.

    :returns: id of the snapshot that is left.
    """
    path = paths.work(request.job, 'excludes')
    backup = request.option('backup')
    with open(path, 'w', encoding='utf-8') as handle:
        count = 0
        for name, found in reread.find(top, pattern, None, since):
            if found.st_mode & 0o170000 != 0o040000:
                handle.write(restic_cli.literal(b'/' + name) + '\n')
                count += 1
    names = restic_cli.tagged(request, _KIND, backup)
    if count and names:
        status, _, said = restic_cli.quick(request, [
            'rewrite', '--exclude-file', path, '--forget', '--retry-lock',
            '5m'] + names, 3600)
        if status:
            raise restic_cli.error('thin the precopy', status, said)
        names = restic_cli.tagged(request, _KIND, backup)
    if not names:
        raise errors.NodeError('The precopy of this backup is not stored.',
                               'Release the job and take another backup.')
    return names[-1]
