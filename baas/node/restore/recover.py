# SPDX-License-Identifier: Apache-2.0
"""Fill a blank disk with a backup, and prove that all of it is there."""
import hashlib
import os
import shutil
import time

from baas.node.disks import filesystems
from baas.node import errors
from baas.node.filelist import compare
from baas.node.filelist import listing
from baas.node.filelist import reapply
from baas.node import journal
from baas.node import paths
from baas.node import payloads
from baas.node.rear import rebuild
from baas.node.restore import reset_state
from baas.node.restore import service_hold
from baas.node.restore import target_check
from baas.node.services import ceph
from baas.node.system import expected_units
from baas.node.stores import nfs
from baas.node.system import atomic_file
from baas.node.system import nics
from baas.node.system import syscalls


def recover(request):
    """Restore a backup below a mount point.

    Options: those of the payload; files_sha256, root, layout; remake (bool:
    where nothing is mounted there yet, disks are made anew from the layout
    that the rescue system of ReaR has); rejoin (bool: throw old cluster state
    away) or form (bool: keep it, as all members are restored together), ovn
    (clusters of OVN that live and are to be joined, as
    :func:`baas.node.cluster.ovn.members` has them), units (globs to hold
    back).

    :returns: {'files', 'differing', 'bytes', 'seconds', 'cleared', 'moved',
        'joining': databases of OVN ({'name', 'address', 'server_id',
        'path'}), 'held', 'readdressed': files that name another network card
        now, 'before': clusters as they were when the backup began, 'pending':
        what can be undone only when they run again}, and what
        :func:`rebuild.around` adds.
    :raises errors.NodeError: the tree is not what the list says, or see
        :func:`rebuild.around`.
    """
    began = time.monotonic()
    root = request.option('root')
    remade = request.options.get('rebuild_disks') and not os.path.ismount(root)
    if not remade:
        target_check.require_blank(root, request.job)
    # What is missing is better missed before a disk is written.
    payloads.of(request.options).require(request)
    nfs.reach(request)
    journal.begin(request.job, request.epoch, 'restore')
    if remade:  # pragma: no cover - tools/test baremetal runs it
        result = rebuild.around(request, _fill)
    else:
        result = _fill(request)
    result['seconds'] = round(time.monotonic() - began, 3)
    return result


def _fill(request):
    root = request.option('root').rstrip('/')
    target_check.require_blank(root, request.job)
    payload = payloads.of(request.options)
    work = os.path.join(root, paths.MARKER)
    paths.make(work)
    atomic_file.write_json(os.path.join(work, 'restore.json'),
                           {'job': request.job})
    file_list = _fetch_list(request, payload, work)
    subvolumes = (request.options.get('layout') or {}).get('subvolumes', [])
    request.report(percent=1, task='making subvolumes')
    reapply.make_subvolumes(root, subvolumes)
    reapply.before_content(os.fsencode(root), file_list)
    size = payload.restore(request, root)
    request.report(percent=75, task='putting attributes back')
    reapply.after_content(os.fsencode(root), file_list)
    result = _compare(request, root, file_list)
    result.update(_adapt(request, root))
    reapply.seal_subvolumes(root, subvolumes)
    top = next(listing.read(file_list))
    shutil.rmtree(work)
    reapply.set_time(os.fsencode(root), top)
    _sync(root)
    result.update(bytes=size)
    return result


def _sync(root):
    """Make all that was written last, on every file system below."""
    top = os.fsencode(os.path.realpath(root))
    for mount in filesystems.mounts():
        if (mount['mountpoint'] + b'/').startswith(top + b'/'):
            syscalls.sync(mount['mountpoint'])


def _fetch_list(request, payload, work):
    path = os.path.join(work, 'files.jsonl')
    wanted = request.option('files_sha256')
    if _sha256(path) == wanted:
        return path
    request.report(task='fetching the file list')
    payload.fetch_list(request, path)
    if _sha256(path) != wanted:
        raise errors.NodeError(
            'The file list in the storage is not the one of this backup.',
            'Verify the backup, or restore another one.')
    return path


def _sha256(path):
    digest = hashlib.sha256()
    try:
        with open(path, 'rb') as handle:
            for block in iter(lambda: handle.read(1 << 20), b''):
                digest.update(block)
    except FileNotFoundError:
        return None
    return digest.hexdigest()


def _compare(request, root, file_list):
    comparison = compare.Comparison(os.fsencode(root))
    total = os.path.getsize(file_list)
    place = 0
    for entry in listing.read(file_list):
        comparison.entry(entry)
        # Lines are of a like length: a fair guess of how far it is.
        place += 150
        if comparison.compared % 200 == 0:
            request.report(percent=80 + min(19, 19 * place // total),
                           files_done=comparison.compared, task='comparing')
    result = compare.require_equal(comparison)
    return {'files': result['compared'], 'differing': 0}


def _adapt(request, root):
    """Take what the backup had changed out of the image and hold services
    back."""
    moved, pending = [], []
    kept = reset_state.record(root)
    if request.options.get('new_cluster'):
        reset_state.end_maintenance(root)
        pending = [undo for undo in kept.get('undos', ())
                   if undo.get('kind') == ceph.Ceph.kind]
        moved = reset_state.forget_view(root, request.job)
    cleared = reset_state.clear(root)
    if request.options.get('rejoin'):
        moved = reset_state.forget_cluster(root, request.job)
    joining = reset_state.forget_raft(root, request.job,
                                      request.options.get('ovn') or {})
    opened = service_hold.hold_units(root, request.options.get('units') or [])
    expected_units.write(root, request.job,
                         kept.get('before', {}).get('active'))
    return {'cleared': cleared, 'moved': moved, 'joining': joining,
            'held': opened,
            'readdressed': _readdress(request, root),
            'before': kept.get('before', {}), 'undos': pending}


def _readdress(request, root):
    """Let the system know cards that have taken the place of others."""
    layout = request.options.get('layout') or {}
    chosen, lost = nics.choose(layout.get('cards', ()), nics.present())
    for sentence in nics.sentences(chosen, lost):
        request.log(sentence)
    changed = nics.adapt(root, chosen)
    for path in changed:
        request.log('%s names the new card.' % path)
    return changed
