# SPDX-License-Identifier: Apache-2.0
"""Put the node's content into the repository, with the list of all of it."""
import os
import platform
import time

from baas.node import failure
from baas.node import filelist
from baas.node import filesystems
from baas.node import identity
from baas.node import places
from baas.node import record
from baas.node import restic
from baas.node import view
from baas.node import walk

_LIST = 'files.jsonl'


def capture(request):
    """Read the snapshots and store them.

    Options: repository, restic_args, backup (id), host (name of the node),
    parent (snapshot to compare with, or None), excludes (list of globs).

    :returns: see the contract: snapshot, files_snapshot, files_sha256, ...
    :raises failure.NodeError: it is not whole; nothing is kept of it.
    """
    began = time.monotonic()
    version = restic.require()
    data = _ready(request)
    # Before the view adds mounts of its own to those of the node.
    disk = layout(data)
    top = view.assemble(data)
    live = [view.within(top, path) for path in data['live']]
    before = [walk.fingerprint(path) for path in live]
    pattern = walk.pattern(_globs(request, data))
    totals = _count(request, top, pattern)
    run = _begin(request, top, totals)
    try:
        writer, digest = _list(request, data, top, pattern, run, totals)
        _wait(request, run, totals)
    finally:
        run.kill()
    summary = run.finish('read the node')
    _check(summary, totals, writer, before, live)
    stored = _store_list(request)
    return {'snapshot': summary['snapshot_id'],
            'new_snapshot_parent': summary['snapshot_id'],
            'files_snapshot': stored['snapshot_id'],
            'files_sha256': digest, 'files': writer.files,
            'size_bytes': writer.size, 'disk_bytes': writer.disk,
            'stored_bytes': (summary.get('data_added_packed', 0)
                             + stored.get('data_added_packed', 0)),
            'seconds': round(time.monotonic() - began, 3),
            'layout': disk, 'restic_version': version,
            'hashed_bytes': writer.read, 'fired': data['fired']}


def _ready(request):
    with record.held(request.job, request.epoch) as held:
        data = dict(held.data)
    if not data.get('snapshot_done'):
        raise failure.NodeError(
            'There is no snapshot of this job to read.' if not data['fired']
            else 'The dead-man resumed this node before its snapshots.',
            'Run baas-node snapshot first, or release the job.')
    if not restic.has_credentials(request.job):
        raise failure.NodeError(
            'The password of the repository is not on this node.',
            'Put it at %s first.' % places.work(request.job, 'password'))
    return data


def _globs(request, data):
    own = [os.path.normpath('/%s/%s' % (
        os.path.relpath(one['mountpoint'], places.TOP), places.SNAPSHOTS))
        for one in data['snapshots'] if not one['subvolume']]
    return (list(walk.EXCLUDED) + own
            + list(request.options.get('excludes', [])))


def _count(request, top, pattern):
    """Count what there is to read, and note what is left out."""
    totals = {'files': 0, 'bytes': 0, 'left_out': []}
    request.tell(task='looking for files')
    for _, found in walk.walk(top, pattern, totals['left_out']):
        if found.st_mode & 0o170000 == 0o100000:
            totals['files'] += 1
            totals['bytes'] += found.st_size
    request.tell(bytes_total=totals['bytes'])
    return totals


def _begin(request, top, totals):
    """Start restic on exactly what the walk has found."""
    excludes = places.work(request.job, 'excludes')
    with open(excludes, 'w', encoding='utf-8') as handle:
        for path in totals['left_out']:
            handle.write(restic.literal(top + b'/' + path) + '\n')
    words = ['backup', '.', '--json', '--host', request.option('host'),
             '--tag', 'backup=' + request.option('backup'),
             '--tag', 'kind=payload', '--exclude-file', excludes,
             '--no-scan', '--retry-lock', '5m']
    parent = request.options.get('parent')
    words += ['--parent', parent] if parent else []
    return restic.Run(request, words, cwd=top)


def _list(request, data, top, pattern, run, totals):
    places.make(places.state('files'))
    writer = filelist.Writer(
        places.state('files', _LIST), places.state('files', 'memory.jsonl'),
        request.option('backup'), request.option('host'),
        data['snapshot_done'])
    for path, found in walk.walk(top, pattern):
        writer.add(top, path, found)
        if writer.files % 50 == 0:
            _tell(request, run, totals)
    return writer, writer.close()


def _wait(request, run, totals):
    while not run.wait(0.5):
        _tell(request, run, totals)


def _tell(request, run, totals):
    done = run.last.get('bytes_done', 0)
    part = min(done / totals['bytes'], 1.0) if totals['bytes'] else 1.0
    request.tell(percent=int(98 * part), bytes_done=done,
                 files_done=run.last.get('files_done', 0),
                 task='reading files')


def _check(summary, totals, writer, before, live):
    counted = (totals['files'], totals['bytes'])
    stored = (summary['total_files_processed'],
              summary['total_bytes_processed'])
    if counted != stored or writer.size != totals['bytes']:
        raise failure.NodeError(
            'The node has %d files of %d bytes, and %d of %d were stored.'
            % (counted + stored),
            'See what changes below /boot meanwhile, and take another.')
    if [walk.fingerprint(path) for path in live] != before:
        raise failure.NodeError(
            'A file system that has no snapshot changed while it was read.',
            'Take another backup when nothing updates the boot loader.')


def _store_list(request):
    request.tell(percent=98, task='storing the file list')
    words = ['backup', '--stdin', '--stdin-filename', _LIST, '--json',
             '--host', request.option('host'), '--retry-lock', '5m',
             '--tag', 'backup=' + request.option('backup'),
             '--tag', 'kind=files']
    with open(places.state('files', _LIST), 'rb') as handle:
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
