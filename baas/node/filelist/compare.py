# SPDX-License-Identifier: Apache-2.0
"""Hold every line of a file list against a tree."""
import os
import stat

from baas.node.disks import filesystems
from baas.node import errors
from baas.node.filelist import attributes
from baas.node.filelist import fields
from baas.node.filelist import listing

_EXAMPLES = 20
# A copy of a sparse file may use this much more room than the original.
_SLACK = 1 << 20
_COARSE = 2 * 10**9


class Comparison:
    """Compares entries of one list with one tree, one after the other.

    :ivar compared: how many entries were compared.
    :ivar differing: how many differ.
    :ivar examples: sentences on the first that do.
    :ivar size: bytes of the files read.
    """

    def __init__(self, root):
        """:param root: top of the tree (bytes)."""
        self.compared = 0
        self.differing = 0
        self.examples = []
        self.size = 0
        self._root = root.rstrip(b'/')
        self._groups = {}
        self._members = {}
        self._plain = _devices_without_owners()

    def entry(self, entry):
        """Compare one entry of the list."""
        self.compared += 1
        wrong = self.differences(entry)
        if wrong:
            self.differing += 1
            if len(self.examples) < _EXAMPLES:
                self.examples.append('/%s: %s.' % (
                    printable(entry[fields.PATH]), '; '.join(wrong)))

    def differences(self, entry):
        """Give what is different of one entry, in words (list of str)."""
        path = attributes.raw(entry[fields.PATH])
        full = self._root + b'/' + path if path else self._root or b'/'
        try:
            found = os.lstat(full)
        except (FileNotFoundError, NotADirectoryError):
            return ['it is missing']
        now = attributes.describe(full, found)
        if now[fields.TYPE] != entry[fields.TYPE]:
            return ['it is of type %s, not %s' % (now[fields.TYPE],
                                                  entry[fields.TYPE])]
        wrong = _compare_plain(entry, now, found.st_dev in self._plain)
        wrong += self._compare_links(entry, found)
        wrong += _compare_room(entry, found)
        wrong += _compare_attributes(entry, full)
        wrong += self._compare_content(entry, full, found)
        return wrong

    def _compare_links(self, entry, found):
        """Names of one inode must again be names of one inode."""
        own = (found.st_dev, found.st_ino)
        group = entry.get(fields.INODE)
        if group is None:
            single = entry[fields.TYPE] != 'd' and found.st_nlink > 1
            return ['it is a hard link now'] if single else []
        wrong = []
        if self._groups.setdefault(group, own) != own:
            wrong.append('it is no hard link to the others any more')
        if self._members.setdefault(own, group) != group:
            wrong.append('it is a hard link to other files now')
        return wrong

    def _compare_content(self, entry, full, found):
        kind = stat.S_IFMT(found.st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFDIR):
            return []
        descriptor = attributes.open_quietly(full)
        try:
            wrong = []
            flags = attributes.get_flags(descriptor)
            if flags != entry.get(fields.FLAGS, 0):
                wrong.append('its flags are 0x%x, not 0x%x'
                             % (flags, entry.get(fields.FLAGS, 0)))
            if kind == stat.S_IFREG and found.st_size == entry[fields.SIZE]:
                self.size += found.st_size
                digest = attributes.sha256(descriptor, found.st_size,
                                           attributes.is_sparse(found))
                if digest != entry[fields.SHA256]:
                    wrong.append('its content differs')
            return wrong
        finally:
            os.close(descriptor)

    def result(self):
        """Give {'compared', 'differing', 'examples'}."""
        return {'compared': self.compared, 'differing': self.differing,
                'examples': self.examples}


def _devices_without_owners():
    """Find file systems that keep no owner, no mode and coarse times."""
    devices = set()
    for mount in filesystems.mounts():
        if mount['fstype'] == 'vfat':  # pragma: no cover - no vfat here
            try:
                devices.add(os.lstat(mount['mountpoint']).st_dev)
            except OSError:
                continue
    return devices


def _compare_plain(entry, now, coarse):
    wrong = []
    for key, name, form in (
            (fields.MODE, 'mode', '%04o'), (fields.OWNER, 'owner', '%d'),
            (fields.GROUP, 'group', '%d')):
        if now[key] != entry[key] and not coarse:
            wrong.append('its %s is %s, not %s' % (
                name, form % now[key], form % entry[key]))
    if now[fields.SIZE] != entry[fields.SIZE]:
        wrong.append('its size is %d, not %d' % (now[fields.SIZE],
                                                 entry[fields.SIZE]))
    apart = abs(now[fields.TIME] - entry[fields.TIME])
    if apart > (_COARSE if coarse else 0):
        wrong.append('its time of change is %d ns, not %d'
                     % (now[fields.TIME], entry[fields.TIME]))
    if now.get(fields.POINTS_TO) != entry.get(fields.POINTS_TO):
        wrong.append('it points to %s, not %s' % (
            printable(now.get(fields.POINTS_TO)),
            printable(entry.get(fields.POINTS_TO))))
    if now.get(fields.DEVICE) != entry.get(fields.DEVICE):
        wrong.append('its device is %s, not %s'
                     % (now.get(fields.DEVICE), entry.get(fields.DEVICE)))
    return wrong


def _compare_room(entry, found):
    if fields.DISK not in entry:
        return []
    used = found.st_blocks * 512
    if used > entry[fields.DISK] + entry[fields.DISK] // 8 + _SLACK:
        return ['it is not sparse: %d bytes on disk, not %d'
                % (used, entry[fields.DISK])]
    return []


def _compare_attributes(entry, full):
    now, wanted = attributes.attributes(full), entry.get(fields.XATTRS, {})
    if now == wanted:
        return []
    names = sorted(name for name in set(now) | set(wanted)
                   if now.get(name) != wanted.get(name))
    return ['its attributes differ: %s' % ', '.join(
        printable(name) for name in names)]


def printable(text):
    """Make a name fit for a sentence."""
    return ascii(text or '')[1:-1][:300]


def compare(request):
    """Compare a tree with a file list.

    Options: root (path of the tree), list (path of the list).

    :returns: {'compared', 'differing', 'examples'}.
    :raises errors.NodeError: something differs; the result says what.
    """
    comparison = Comparison(os.fsencode(request.option('root')))
    for entry in listing.read(request.option('list')):
        comparison.entry(entry)
        if comparison.compared % 200 == 0:
            request.report(task='comparing', files_done=comparison.compared,
                           bytes_done=comparison.size)
    return require_equal(comparison)


def require_equal(comparison, **more):
    """Give the result of a comparison in which nothing differs.

    :raises errors.NodeError: something does.
    """
    result = dict(comparison.result(), **more)
    if comparison.differing:
        raise errors.NodeError(
            '%d of %d files differ from the list, the first: %s'
            % (comparison.differing, comparison.compared,
               comparison.examples[0]),
            'Restore again; when the same files differ, verify the backup.',
            result)
    return result
