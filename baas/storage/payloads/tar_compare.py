# SPDX-License-Identifier: Apache-2.0
"""Holds the content of an archive against the file list, one file after the
other, without writing any of it."""
import hashlib
import tarfile

from baas.node.filelist import fields

_PIECE = 1 << 20
_SOCKET = 's'
_TYPES = {'f': tarfile.TarInfo.isreg, 'd': tarfile.TarInfo.isdir,
          'l': tarfile.TarInfo.issym, 'c': tarfile.TarInfo.ischr,
          'b': tarfile.TarInfo.isblk, 'p': tarfile.TarInfo.isfifo}


def differing(entries, file):
    """Compare an archive with a list that is in the same order.

    :param entries: iterator of the entries of the list (dicts).
    :param file: the archive, not compressed (binary file).
    :returns: what is different, for a sentence (str), or None.
    """
    firsts = {}
    try:
        with tarfile.open(fileobj=file, mode='r|', encoding='utf-8',
                          errors='surrogateescape') as archive:
            for entry in entries:
                if entry[fields.TYPE] == _SOCKET:
                    continue  # an archive has none
                member = archive.next()
                # It would remember all of them.
                archive.members = []
                wrong = _compare(archive, member, entry, firsts)
                if wrong:
                    shown = _shown(entry[fields.PATH])
                    return f'has stored another {shown} than the node has: ' \
                           f'{wrong}'
            if archive.next() is not None:
                return 'has stored more files than the node has'
    except (tarfile.TarError, EOFError, ValueError) as error:
        return f'is no whole archive: {error}'
    return None


def _compare(archive, member, entry, firsts):
    """Give what is wrong with one file (str), or None."""
    if member is None:
        return 'the archive ends before it'
    path = entry[fields.PATH]
    if member.name != (path or '.'):
        return f'{_shown(member.name)} is in its place'
    if (member.mode & 0o7777, member.uid, member.gid) != (
            entry[fields.MODE], entry[fields.OWNER], entry[fields.GROUP]):
        return 'mode or owner'
    if member.islnk():
        return _compare_link(member, entry, firsts)
    if fields.INODE in entry:
        firsts.setdefault(entry[fields.INODE], path)
    if not _TYPES[entry[fields.TYPE]](member):
        return 'its type'
    if entry[fields.TYPE] == 'l' and (
            member.linkname != entry[fields.POINTS_TO]):
        return 'what it points to'
    if entry[fields.TYPE] in 'cb' and (
            [member.devmajor, member.devminor] != entry[fields.DEVICE]):
        return 'its device'
    if entry[fields.TYPE] == 'f':
        return _compare_content(archive, member, entry)
    return None


def _compare_link(member, entry, firsts):
    if fields.INODE not in entry or (
            member.linkname != firsts.get(entry[fields.INODE])):
        return 'it is a hard link to another file'
    return None


def _compare_content(archive, member, entry):
    if member.size != entry[fields.SIZE]:
        return f'its size is {member.size}, not {entry[fields.SIZE]}'
    digest = hashlib.sha256()
    with archive.extractfile(member) as content:
        while piece := content.read(_PIECE):
            digest.update(piece)
    if digest.hexdigest() != entry[fields.SHA256]:
        return 'its content'
    return None


def _shown(path):
    return ascii('/' + path)[1:-1][:300]
