# SPDX-License-Identifier: Apache-2.0
"""Put the node's content into the repository, with the list of all of it."""
import os
import platform
import time

from baas.node import at_rest
from baas.node import conditions
from baas.node import failure
from baas.node import filesystems
from baas.node import identity
from baas.node import places
from baas.node import reading
from baas.node import record
from baas.node import restic
from baas.node import restless
from baas.node import snapshot
from baas.node import view
from baas.node import walk


def capture(request):
    """Read the snapshots, and what rests without one, and store them.

    Options: repository, restic_args, backup (id), host (name of the node),
    parent (snapshot to compare with, or None), excludes (list of globs),
    reserve_percent (of a file system that has to stay free).

    :returns: see the contract: snapshot, files_snapshot, files_sha256, ...
    :raises failure.NodeError: it is not whole; nothing is kept of it.
    """
    began = time.monotonic()
    version = restic.require()
    data = _ready(request)
    if data.get('at_rest') and data.get('snapshot_done'):
        return at_rest.done(request)
    # Before the view adds mounts of its own to those of the node.
    disk = layout(data)
    read = _read(request, data)
    stored, writer = _store_list(request), read['writer']
    return {'snapshot': read['snapshot'],
            'new_snapshot_parent': read['snapshot'],
            'files_snapshot': stored['snapshot_id'],
            'files_sha256': read['digest'], 'files': writer.files,
            'size_bytes': writer.size, 'disk_bytes': writer.disk,
            'stored_bytes': (read['stored'] + data['seed']['stored_bytes']
                             + stored.get('data_added_packed', 0)),
            'seconds': round(time.monotonic() - began, 3),
            'layout': disk, 'restic_version': version,
            'hashed_bytes': writer.read, 'fired': data['fired']}


def _ready(request):
    with record.held(request.job, request.epoch) as held:
        data = dict(held.data)
    resting = data.get('at_rest') and data.get('rest_token')
    if data['fired'] and not data.get('snapshot_done'):
        raise failure.NodeError(
            'The dead-man resumed this node before its snapshots.',
            'Release the job and take another backup.')
    if not data.get('snapshot_done') and not resting:
        raise failure.NodeError(
            'There is no snapshot of this job to read.',
            'Run baas-node snapshot first, or release the job.')
    if not restic.has_credentials(request.job):
        raise failure.NodeError(
            'The password of the repository is not on this node.',
            'Put it at %s first.' % places.work(request.job, 'password'))
    data.setdefault('seed', {'snapshot': None, 'stored_bytes': 0})
    return data


def _read(request, data):
    """Read the node as it was, if its snapshots last so long.

    :returns: as :func:`_read_view`.
    """
    watch, top = conditions.Conditions(request, data), None
    try:
        # A snapshot that is spoilt is not to be mounted.
        watch.look()
        top = view.assemble(data)
        return _read_view(request, data, top, watch)
    except conditions.Full:
        if top is not None:
            view.dismantle(top)
        snapshot.drop(request.job, request.epoch)
        raise


def _read_view(request, data, top, watch):
    """Read the view until it is read as it stands.

    :returns: {'snapshot', 'stored' (bytes), 'writer', 'digest'}.
    """
    _refuse_changed(data)
    tops = [one['mountpoint'] for one in data['snapshots']
            if not one['subvolume']]
    pattern = walk.pattern(reading.globs(request, tops))
    parent = data['seed']['snapshot'] or request.options.get('parent')
    if data.get('at_rest'):
        found = restless.read(request, data, top, pattern, parent, watch)
    else:
        found = reading.once(request, top, pattern, parent, watch,
                             data['snapshot_done'])
        if found['differing']:
            raise failure.NodeError(
                found['differing'],
                'See what changes below /boot meanwhile, and take another.')
    watch.look()
    _refuse_changed(data)
    return found


def _refuse_changed(data):
    """Refuse what is read live when it is not as it was at the moment."""
    for path in data['live']:
        if walk.fingerprint(os.fsencode(path)) != data['live_seen'][path]:
            raise failure.NodeError(
                '%s, which has no snapshot, has changed since the moment.'
                % ascii(path)[1:-1],
                'Take another backup when nothing updates the boot loader.')


def _store_list(request):
    request.tell(percent=98, task='storing the file list')
    words = ['backup', '--stdin', '--stdin-filename', reading.LIST, '--json',
             '--host', request.option('host'), '--retry-lock', '5m',
             '--tag', 'backup=' + request.option('backup'),
             '--tag', 'kind=files']
    with open(places.state('files', reading.LIST), 'rb') as handle:
        run = restic.Run(request, words, stdin=handle)
        try:
            while not run.wait(1):
                pass
        finally:
            run.kill()
    return run.finish('store the file list')


def layout(data):
    """Describe what a disk must look like to take the backup back."""
    mounts = filesystems.captured()
    nested = [{'path': os.path.join(one['mountpoint'], one['subvolume']),
               'read_only': one['read_only']}
              for one in data['snapshots'] if one['subvolume']]
    return {'filesystems': [filesystems.describe(one) for one in mounts],
            'subvolumes': nested, 'hostname': identity.hostname(),
            'machine_id': identity.machine_id(),
            'architecture': platform.machine(),
            'boot': 'uefi' if os.path.isdir('/sys/firmware/efi')
            else 'bios'}
