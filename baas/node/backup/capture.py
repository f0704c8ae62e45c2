# SPDX-License-Identifier: Apache-2.0
"""Put the node's content into the storage, with the list of all of it."""
import os
import platform
import time

from baas.node.backup import reader
from baas.node.backup import reread
from baas.node.disks import devices
from baas.node.disks import filesystems
from baas.node import errors
from baas.node.filelist import walk
from baas.node import journal
from baas.node import paths
from baas.node import payloads
from baas.node.payloads import pace
from baas.node import snapshots
from baas.node.snapshots import monitor
from baas.node.snapshots import mount_view
from baas.node.snapshots import offline
from baas.node.snapshots import snapshot
from baas.node.stores import nfs
from baas.node.system import host_id
from baas.node.system import nics


def capture(request):
    """Read the snapshots, and what is quiesced without one, and store them.

    Options: those of the payload, backup (id), host (name of the node),
    parent (snapshot to compare with, or None), excludes (list of globs),
    reserve_percent (of a file system that has to stay free).

    :returns: see the contract: snapshot, files_sha256, ..., and what the
        payload has stored the file list as.
    :raises errors.NodeError: it is not whole; nothing is kept of it.
    """
    began = time.monotonic()
    payload = payloads.of(request.options)
    data = _ready(request)
    versions = payload.require(request)
    pace.begin(request)
    if data.get('offline_mounts') and data.get('snapshot_done'):
        return offline.done(request)
    # Before the view adds mounts of its own to those of the node.
    disk = layout(data)
    nfs.reach(request)
    read = _read(request, data)
    request.report(percent=98, task='storing the file list')
    listed = payload.store_list(request, paths.state('files', reader.LIST))
    stored, writer = read['stored'], read['writer']
    size = (stored['stored'] + listed['stored']
            + data['precopy']['stored_bytes'])
    return {**stored, **listed, 'kind': payload.name,
            'files_sha256': read['digest'], 'files': writer.files,
            'size_bytes': writer.size, 'disk_bytes': writer.disk,
            'stored_bytes': size, 'added_bytes': _added(data, stored, listed),
            'seconds': round(time.monotonic() - began, 3),
            'layout': disk, 'versions': versions,
            'hashed_bytes': writer.read,
            'deadman_fired': data['deadman_fired']}


def _added(data, stored, listed):
    """Give how much was new before it was compressed; None when a precopy
    has stored a part of it already."""
    if data['precopy']['snapshot']:
        return None
    return stored['added'] + listed['added']


def _ready(request):
    with journal.edit(request.job, request.epoch) as opened:
        data = dict(opened.data)
    quiesced = data.get('offline_mounts') and data.get('quiesce_token')
    if data['deadman_fired'] and not data.get('snapshot_done'):
        raise errors.NodeError(
            'The dead-man resumed this node before its snapshots.',
            'Release the job and take another backup.')
    if not data.get('snapshot_done') and not quiesced:
        raise errors.NodeError(
            'There is no snapshot of this job to read.',
            'Run baas-node snapshot first, or release the job.')
    nothing = {'snapshot': None, 'stored_bytes': 0}
    return dict(data, precopy=data['precopy'] or nothing)


def _read(request, data):
    """Read the node as it was, if its snapshots last so long.

    :returns: as :func:`_read_view`.
    """
    watch, top = monitor.Monitor(request, data), None
    try:
        # A snapshot that is spoilt is not to be mounted.
        watch.look()
        with watch:
            top = mount_view.assemble(data)
            return _read_view(request, data, top, watch)
    except monitor.Full:
        if top is not None:
            mount_view.dismantle(top)
        snapshot.drop(request.job, request.epoch)
        raise


def _read_view(request, data, top, watch):
    """Read the view until it is read as it stands.

    :returns: as of :func:`reader.once`.
    """
    _refuse_changed(data)
    tops = [one['mountpoint'] for one in data['snapshots']
            if not one['subvolume']]
    pattern = walk.pattern(reader.globs(request, tops))
    parent = data['precopy']['snapshot'] or request.options.get('parent')
    if data.get('offline_mounts'):
        found = reread.read(request, data, top, pattern, parent, watch)
    else:
        found = reader.once(request, top, pattern, parent, watch,
                            data['snapshot_done'])
        if found['differing']:  # pragma: no cover - a change of /boot just now
            raise errors.NodeError(
                found['differing'],
                'See what changes below /boot meanwhile, and take another.')
    watch.look()
    _refuse_changed(data)
    return found


def _refuse_changed(data):
    """Refuse what is read live when it is not as it was at the consistency
    point."""
    for path in data['live']:
        if walk.fingerprint(os.fsencode(path)) != data['live_fingerprints'][
                path]:
            raise errors.NodeError(
                '%s, which has no snapshot, has changed since the consistency '
                'point.'
                % ascii(path)[1:-1],
                'Take another backup when nothing updates the boot loader.')


def layout(data):
    """Describe what a disk must look like to take the backup back."""
    mounts = filesystems.captured()
    nested = [{'path': os.path.join(one['mountpoint'], one['subvolume']),
               'read_only': one['read_only']}
              for one in data['snapshots'] if one['subvolume']]
    described = [
        snapshots.described(one, disks=devices.under(one['device']))
        for one in mounts]
    return {'filesystems': described,
            'subvolumes': nested, 'hostname': host_id.hostname(),
            'machine_id': host_id.machine_id(),
            'architecture': platform.machine(),
            'disks': devices.known(), 'cards': nics.present(),
            'boot': 'uefi' if os.path.isdir('/sys/firmware/efi')
            else 'bios'}
