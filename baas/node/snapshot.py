# SPDX-License-Identifier: Apache-2.0
"""Snapshots of all that a backup holds, and their end."""
import os
import time

from baas.node import btrfs
from baas.node import clock
from baas.node import failure
from baas.node import filesystems
from baas.node import kernel
from baas.node import places
from baas.node import record


def snapshot(request):
    """Take read-only snapshots of every file system, subvolumes included.

    What has no snapshots is noted as live.

    :returns: {'snapshots': [{'mountpoint', 'subvolume', 'path'}],
        'live': [mount points], 'seconds'}.
    :raises failure.NodeError: the node is not at rest any more.
    """
    began = clock.boottime()
    with record.held(request.job, request.epoch) as held:
        if held.data.get('snapshot_done'):
            return _result(held.data, 0.0)
        _refuse_resumed(held.data)
    drop(request.job, request.epoch)
    mounts = filesystems.captured()
    wanted = _wanted(mounts, request.job)
    with record.held(request.job, request.epoch) as held:
        held.data['snapshots'] = wanted
        held.data['live'] = [os.fsdecode(mount['mountpoint'])
                             for mount in mounts
                             if mount['fstype'] != 'btrfs']
        held.save()
    for mount in mounts:
        kernel.sync(mount['mountpoint'])
    for one in wanted:
        _take(one)
    with record.held(request.job, request.epoch) as held:
        _refuse_resumed(held.data)
        held.data['snapshot_done'] = time.time()
        held.save()
        return _result(held.data, clock.boottime() - began)


def _refuse_resumed(data):
    if data['fired'] or (data['rested'] and not data.get('rest_token')):
        raise failure.NodeError(
            'The node was resumed before its snapshots were taken.',
            'Release the job and take another backup, longer at rest.')


def _wanted(mounts, job):
    """List the snapshots to take, parents before what is nested in them."""
    wanted = []
    for mount in mounts:
        if mount['fstype'] != 'btrfs':
            continue
        top = mount['mountpoint']
        home = os.path.join(top, os.fsencode(places.SNAPSHOTS))
        inner = [path for path in btrfs.nested(top)
                 if _is_visible(top, path, mounts)]
        for path in [b''] + inner:
            number = os.fsencode(str(len(wanted)))
            wanted.append({
                'mountpoint': os.fsdecode(top),
                'subvolume': os.fsdecode(path),
                'read_only': btrfs.is_read_only(os.path.join(top, path)),
                'path': os.fsdecode(
                    os.path.join(home, os.fsencode(job), number))})
    return wanted


def _is_visible(top, path, mounts):
    """Leave snapshots of ours out, and what another mount lies over."""
    if path.split(b'/')[0] == os.fsencode(places.SNAPSHOTS):
        return False
    full = os.path.join(top, path)
    for mount in mounts:
        other = mount['mountpoint']
        if other != top and (full + b'/').startswith(other + b'/') and (
                other.startswith(top.rstrip(b'/') + b'/')):
            return False
    return os.path.isdir(full) and btrfs.is_subvolume(full)


def _take(one):
    top = os.fsencode(one['mountpoint'])
    target = os.fsencode(one['path'])
    folder = os.path.dirname(target)
    for path in (os.path.dirname(folder), folder):
        if not os.path.isdir(path):
            os.mkdir(path, 0o700)
    btrfs.snapshot(os.path.join(top, os.fsencode(one['subvolume'])), target)


def _result(data, seconds):
    return {'snapshots': data['snapshots'], 'live': data['live'],
            'seconds': round(seconds, 3)}


def drop(job, epoch):
    """Delete the snapshots of a job: recorded ones, and any in its folder.

    :returns: paths of those deleted.
    """
    data = record.load()
    tops = {mount['mountpoint'] for mount in filesystems.captured()
            if mount['fstype'] == 'btrfs'}
    if record.is_open(data) and data['job'] == job:
        tops.update(os.fsencode(one['mountpoint'])
                    for one in data['snapshots'])
    dropped = []
    for top in sorted(tops):
        dropped += _drop_folder(os.path.join(
            top, os.fsencode(places.SNAPSHOTS), os.fsencode(job)))
    if record.is_open(data) and data['job'] == job:
        with record.held(job, epoch) as held:
            held.data['snapshots'] = []
            held.data['snapshot_done'] = None
            held.save()
    return dropped


def _drop_folder(folder):
    if not os.path.isdir(folder):
        return []
    dropped = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if btrfs.is_subvolume(path):
            btrfs.delete(path)
            dropped.append(os.fsdecode(path))
    for path in (folder, os.path.dirname(folder)):
        try:
            os.rmdir(path)
        except OSError:
            # Something in it is not ours, or of another job: it stays.
            break
    return dropped
