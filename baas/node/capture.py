# SPDX-License-Identifier: Apache-2.0
"""Put the node's content into the storage, with the list of all of it."""
import os
import platform
import time

from baas.node import at_rest
from baas.node import blockdevices
from baas.node import cards
from baas.node import conditions
from baas.node import failure
from baas.node import filesystems
from baas.node import identity
from baas.node import payloads
from baas.node import places
from baas.node import reading
from baas.node import record
from baas.node import restless
from baas.node import share
from baas.node import snapshot
from baas.node import view
from baas.node import walk


def capture(request):
    """Read the snapshots, and what rests without one, and store them.

    Options: those of the payload, backup (id), host (name of the node),
    parent (snapshot to compare with, or None), excludes (list of globs),
    reserve_percent (of a file system that has to stay free).

    :returns: see the contract: snapshot, files_sha256, ..., and what the
        payload has stored the file list as.
    :raises failure.NodeError: it is not whole; nothing is kept of it.
    """
    began = time.monotonic()
    payload = payloads.of(request.options)
    data = _ready(request)
    versions = payload.require(request)
    if data.get('at_rest') and data.get('snapshot_done'):
        return at_rest.done(request)
    # Before the view adds mounts of its own to those of the node.
    disk = layout(data)
    share.reach(request)
    read = _read(request, data)
    request.tell(percent=98, task='storing the file list')
    listed = payload.store_list(request, places.state('files', reading.LIST))
    stored, writer = read['stored'], read['writer']
    size = (stored['stored'] + listed['stored']
            + data['seed']['stored_bytes'])
    return {**stored, **listed, 'kind': payload.name,
            'files_sha256': read['digest'], 'files': writer.files,
            'size_bytes': writer.size, 'disk_bytes': writer.disk,
            'stored_bytes': size,
            'seconds': round(time.monotonic() - began, 3),
            'layout': disk, 'versions': versions,
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

    :returns: as of :func:`reading.once`.
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


def layout(data):
    """Describe what a disk must look like to take the backup back."""
    mounts = filesystems.captured()
    nested = [{'path': os.path.join(one['mountpoint'], one['subvolume']),
               'read_only': one['read_only']}
              for one in data['snapshots'] if one['subvolume']]
    return {'filesystems': [dict(filesystems.describe(one),
                                 disks=blockdevices.under(one['device']))
                            for one in mounts],
            'subvolumes': nested, 'hostname': identity.hostname(),
            'machine_id': identity.machine_id(),
            'architecture': platform.machine(),
            'disks': blockdevices.known(), 'cards': cards.present(),
            'boot': 'uefi' if os.path.isdir('/sys/firmware/efi')
            else 'bios'}
