# SPDX-License-Identifier: Apache-2.0
"""File systems that are left out, and paths of those that are not."""
import os

from baas.node.coverage import gaps
from baas.node.coverage import held
from baas.node.disks import filesystems
from baas.node import paths
from baas.node.system import command

NETWORK = ('nfs', 'nfs4', 'cifs', 'smb3', 'smbfs', 'ceph', '9p', 'afs',
           'glusterfs', 'lustre', 'beegfs', 'gpfs', 'virtiofs', 'davfs',
           'fuse.sshfs', 'fuse.glusterfs', 'fuse.ceph', 'fuse.s3fs',
           'fuse.rclone', 'fuse.davfs')
CLUSTER = ('ocfs2', 'gfs2')
MEMORY = ('tmpfs', 'ramfs')
KERNEL = ('proc', 'sysfs', 'devtmpfs', 'devpts', 'cgroup', 'cgroup2',
          'configfs', 'debugfs', 'tracefs', 'securityfs', 'mqueue', 'pstore',
          'bpf', 'autofs', 'fusectl', 'rpc_pipefs', 'nfsd', 'binfmt_misc',
          'efivarfs', 'selinuxfs', 'smackfs', 'nsfs', 'hugetlbfs', 'resctrl',
          'xenfs', 'fuse.lxcfs')
_SYSTEM = ('proc', 'sys', 'dev', 'run')
"""Folders that are made at each start: what is mounted there is one gap."""
_PATIENCE = 5  # seconds
_TEMPORARY = ('/tmp', '/var/tmp')


def look(own, storage=None):
    """Find the file systems of this node that a backup does not hold.

    :param own: :class:`baas.node.coverage.held.Held`.
    :param storage: folder of the storage on this node (str), or None.
    :returns: list of gaps.
    """
    seen = {one['mountpoint']: one for one in own.mounts}
    asker, found = _Asker(), []
    for mount in own.mounts:
        if not held.is_inside(mount['mountpoint']) or own.shows(mount):
            continue
        hidden = seen[mount['mountpoint']] is not mount
        if hidden and mount['fstype'] not in filesystems.LOCAL + CLUSTER:
            continue
        found.append(_of_mount(own, mount, hidden, storage, asker))
    return found + _unmounted(own, seen)


def paths_left_out(own):
    """Name the globs that leave out something of this node, and the folders
    of which nobody keeps anything (list of gaps)."""
    found = [gaps.gap('path', path, 'temporary',
                      'Temporary files are never a part of a backup.', True)
             for path in _TEMPORARY]
    return found + [
        gaps.gap('path', pattern, 'excluded',
                 '[payload] excludes leaves it out.')
        for pattern in own.excludes if _matches(own, pattern)]


def _matches(own, pattern):
    """Tell whether a glob means anything here; one with wildcards is taken
    to, and so is what is on another machine, which is not asked."""
    if '*' in pattern or '?' in pattern or '/' not in pattern.rstrip('/'):
        return True
    real = own.resolve('/' + pattern.strip('/'))
    mount = own.mount_of(real)
    return mount is None or mount['fstype'] not in filesystems.LOCAL or (
        os.path.lexists(real))


def _of_mount(own, mount, hidden, storage, asker):
    place, fstype = held.inner(mount['mountpoint']), mount['fstype']
    top = place.split('/')[1]
    if top in _SYSTEM and (fstype in KERNEL + MEMORY
                           or place.startswith('/run/user/')):
        return gaps.gap('filesystem', '/' + top, 'system',
                        'The system makes it anew at each start.', True)
    if fstype in KERNEL:
        return gaps.gap('filesystem', gaps.stable(place), 'kernel',
                        'The kernel shows itself in it; nothing is stored.',
                        True, fstype)
    if fstype in MEMORY:
        return gaps.gap(
            'filesystem', gaps.stable(place), 'memory',
            'It is in memory: what is in it is gone at each start, too.',
            place in _TEMPORARY or place != gaps.stable(place), fstype,
            asker.used(mount))
    if fstype == 'overlay':
        return _overlay(own, mount, place)
    reason, text, harmless = _why(own, mount, hidden, storage)
    return gaps.gap('filesystem', place, reason, text, harmless, fstype,
                    None if hidden else asker.used(mount))


def _why(own, mount, hidden, storage):
    """Tell why a file system with files is left out: (word, sentence,
    whether that is harmless)."""
    fstype, device = mount['fstype'], mount['device']
    if storage and held.inner(mount['mountpoint']) == storage.rstrip('/'):
        return 'storage', 'It is the storage of the backups.', True
    if fstype in NETWORK:
        return ('network', 'It is on another machine (%s), which has to be '
                'backed up there.' % device, False)
    if fstype in CLUSTER:
        return ('cluster', 'Several machines share it (%s); it has to be '
                'backed up on its own.' % device, False)
    if fstype.startswith('fuse'):
        return ('fuse', 'A program makes it (%s); its source has to be '
                'backed up.' % device, False)
    if hidden:
        return ('hidden', 'Another file system is mounted over it (%s).'
                % device, False)
    if own.leaves_out(mount['mountpoint']):
        return 'excluded', '[payload] excludes leaves all of it out, or ' \
            'it is below a folder for temporary files.', False
    if fstype in filesystems.LOCAL:
        return ('part', 'It is a part of a file system (%s) of which the top '
                'is not mounted.' % device, False)
    return ('kind', 'File systems of the kind %s are not backed up (%s).' % (
        fstype, device), False)


def _overlay(own, mount, place):
    """Make the gap of what is put together of folders: these may be in the
    backup, as they are."""
    upper = [word[9:] for word in mount['options'].split(',')
             if word.startswith('upperdir=')]
    if upper and held.is_inside(os.fsencode(upper[0])) and not own.why_not(
            held.inner(os.fsencode(upper[0]))):
        return gaps.gap(
            'filesystem', gaps.stable(place), 'view',
            'It shows folders that are in the backup, such as those below '
            '%s.' % gaps.stable(os.path.dirname(upper[0])), True, 'overlay')
    return gaps.gap(
        'filesystem', gaps.stable(place), 'overlay',
        'It is put together of folders of which the one that is written to '
        'is not in the backup, or not known.', False, 'overlay')


def _unmounted(own, seen):
    """Find what /etc/fstab has and is not mounted now."""
    found = []
    for source, place, fstype, options in _fstab():
        point = own.resolve(place)
        # What is mounted when somebody asks for it is there in name only.
        there = seen.get(point, {'fstype': 'autofs'})['fstype'] != 'autofs'
        if there or fstype in KERNEL + MEMORY or (
                own.leaves_out(point)
                or {'bind', 'rbind'} & set(options.split(','))):
            continue
        often = ' (noauto)' if 'noauto' in options.split(',') else ''
        found.append(gaps.gap(
            'filesystem', place.rstrip('/'), 'unmounted',
            '/etc/fstab has it, from %s, and it was not mounted%s.'
            % (source, often), False, fstype))
    return found


def _fstab():
    """Give the lines of /etc/fstab that mean file systems."""
    path = os.path.join(paths.TOP, 'etc/fstab')
    if not os.path.exists(path):
        return
    with open(path, errors='surrogateescape') as handle:
        for line in handle:
            words = line.split()
            if len(words) < 3 or line.lstrip().startswith('#'):
                continue
            place = words[1].replace('\\040', ' ')
            if words[2] not in ('swap', 'none') and place.startswith('/') \
                    and place.strip('/'):
                yield (words[0], place, words[2],
                       words[3] if len(words) > 3 else '')


class _Asker:
    """Asks how much is on file systems, of those that may not answer in a
    process that can be left alone; and no more once several did not."""

    def __init__(self):
        self._patience = 3

    def used(self, mount):
        """Give the bytes that are used, or None."""
        if not self._patience:
            return None
        status, out, _ = command.attempt(
            ['stat', '-f', '-c', '%S %b %f', '--',
             os.fsdecode(mount['mountpoint'])], _PATIENCE)
        if status == 124:
            self._patience -= 1
        words = out.split()
        if status or len(words) != 3:
            return None
        size, blocks, free = map(int, words)
        return size * (blocks - free)
