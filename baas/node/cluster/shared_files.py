# SPDX-License-Identifier: Apache-2.0
"""Files that the members of a cluster have in common, such as the keys by
which they trust each other. A node that comes back has them as old as its
backup, and takes those of the living members."""
import fnmatch
import glob
import grp
import hashlib
import os
import pwd
import tarfile

from baas.node import paths
from baas.node.system import atomic_file

ARCHIVE = 'shared.tar'
"""Name of the archive with those of a living member, beside the credentials
of a job."""
_LARGEST = 1 << 20  # bytes


def digests(globs):
    """Tell what a node has, without telling what is in it.

    :param globs: list of absolute globs.
    :returns: {glob: SHA-256 of names and content of all files that it means
        (str), or None when there are none}.
    """
    found = {}
    for pattern in globs:
        whole, paths = hashlib.sha256(), _paths(pattern)
        for path in paths:
            with open(path, 'rb') as handle:
                whole.update(b'%s\0%s' % (
                    os.fsencode(path),
                    hashlib.sha256(handle.read()).digest()))
        found[pattern] = whole.hexdigest() if paths else None
    return found


def sync_shared_files(request):
    """Put the files of a living member in the place of those of the backup.

    A glob of which the archive has nothing is left alone, and so is one whose
    folder is not there. A file that stays keeps its owner, mode and label;
    one that is new gets those of the member. What a glob means and the member
    does not have is removed: to have a key too many is no less wrong.

    Options: shared (list of absolute globs).

    :returns: {'updated': paths that have changed, 'removed': paths}.
    """
    given = _archived(paths.work(request.job, ARCHIVE))
    updated, removed = [], []
    for pattern in request.options['shared']:
        new = {path: one for path, one in given.items()
               if _means(pattern, path)}
        if not new:
            continue
        for path in sorted(new):
            if os.path.isdir(os.path.dirname(path)) and _put(path, new[path]):
                updated.append(path)
        for path in _paths(pattern):
            if path not in new:
                atomic_file.remove(path)
                removed.append(path)
    return {'updated': updated, 'removed': removed}


def _paths(pattern):
    return sorted(path for path in glob.glob(pattern)
                  if os.path.isfile(path)
                  and os.path.getsize(path) <= _LARGEST)


def _means(pattern, path):
    """Tell whether a glob means a path: blanks of it end at slashes."""
    wanted, names = pattern.split('/'), path.split('/')
    return len(wanted) == len(names) and '..' not in names and all(
        fnmatch.fnmatchcase(name, one)
        and name.startswith('.') <= one.startswith('.')
        for name, one in zip(names, wanted))


def _archived(path):
    """Read the archive: {absolute path: (entry, content)}."""
    if not os.path.exists(path):
        return {}
    with tarfile.open(path) as archive:
        return {'/' + entry.name.lstrip('/'):
                (entry, archive.extractfile(entry).read())
                for entry in archive
                if entry.isreg() and entry.size <= _LARGEST}


def _put(path, new):
    """Write a file unless it is so already; tell whether it was."""
    entry, content = new
    # A link stays one.
    path = os.path.realpath(path)
    try:
        with open(path, 'rb') as handle:
            if handle.read() == content:
                return False
    except FileNotFoundError:
        atomic_file.write(path, content)
        os.chown(path, *_owner(entry))
        os.chmod(path, entry.mode & 0o777)
    else:
        atomic_file.replace(path, content)
    return True


def _owner(entry):
    """Give the owner by name, for numbers may differ between members."""
    try:
        user = pwd.getpwnam(entry.uname).pw_uid
    except KeyError:
        user = entry.uid
    try:
        group = grp.getgrnam(entry.gname).gr_gid
    except KeyError:
        group = entry.gid
    return user, group
