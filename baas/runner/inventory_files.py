# SPDX-License-Identifier: Apache-2.0
"""The files that Ansible reads an inventory from."""
import os
import re
import stat

# A plugin asks somebody, and a template may.
_ASKS = re.compile(rb'^plugin\s*:|\{\{|\{%', re.MULTILINE)


def parts(path):
    """Name what Ansible reads: all below an inventory when it is a folder,
    and the variables beside it.

    :returns: iterator of paths of files and folders.
    """
    above = path if os.path.isdir(path) else os.path.dirname(path)
    yield path
    for top in {path, *(os.path.join(above, name)
                        for name in ('group_vars', 'host_vars'))}:
        for folder, folders, files in os.walk(top):
            yield folder
            # Links to folders are not gone into.
            links = (name for name in folders
                     if os.path.islink(os.path.join(folder, name)))
            yield from (os.path.join(folder, name)
                        for name in (*files, *links))


def lacking_interpreter(path):
    """Name the program that a script wants to be run by and that is not
    here; None for all else. Ansible reads such a script as a text."""
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode) or not found.st_mode & 0o111:
            return None
        with open(path, 'rb') as file:
            first = file.readline(256)
    except OSError:
        return None  # it is told by whoever needs it
    words = first[2:].split() if first[:2] == b'#!' else []
    return None if not words or os.path.exists(words[0]) else os.fsdecode(
        words[0])


def loops(path):
    """Name the links below an inventory that lead back to where they are, or
    nowhere (iterator)."""
    for one in parts(path):
        if os.path.islink(one) and (
                not os.path.exists(one) or os.path.commonpath((
                    os.path.realpath(one), os.path.realpath(
                        os.path.dirname(one)))) == os.path.realpath(one)):
            yield one


def version(path):
    """Give what is another one once a file has changed.

    :returns: something to compare; None where an inventory may change while
        its files do not: it has a script, a plugin or templates.
    """
    found = {}
    try:
        for one in parts(os.fspath(path)):
            is_file, found[one] = _looked_at(one)
            if is_file and _asks(one, found[one]):
                return None
    except OSError:
        return None
    return tuple(sorted(found.items()))


def _looked_at(path):
    found = os.stat(path)
    return stat.S_ISREG(found.st_mode), (
        found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns,
        found.st_ctime_ns)


def _asks(path, looked):
    if looked[0] & 0o111:
        return True
    with open(path, 'rb') as handle:
        return bool(_ASKS.search(handle.read()))
