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
            yield from (os.path.join(folder, name) for name in files)


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
