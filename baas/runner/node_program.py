# SPDX-License-Identifier: Apache-2.0
"""Makes the one file that is pushed to the nodes out of baas.node."""
import io
import os
import zipfile

from baas import node
from baas.node.system import atomic_file

# The checksum of the file changes with its content and nothing else.
_WHEN = (1980, 1, 1, 0, 0, 0)
_START = b'#!/usr/bin/env python3\n'
_MAIN = '''import sys

from baas.node import main

sys.exit(main.main(sys.argv[1:]))
'''


def build(path):
    """Write the node program; again writes the same bytes.

    :param path: where to (str); it is replaced in one move, mode 0700.
    :returns: the path.
    :raises OSError: it cannot be written.
    """
    folder = os.path.dirname(os.path.abspath(node.__file__))
    packed = io.BytesIO(_START)
    packed.seek(0, os.SEEK_END)
    with zipfile.ZipFile(packed, 'a', zipfile.ZIP_DEFLATED) as archive:
        _add(archive, '__main__.py', _MAIN)
        _add(archive, 'baas/__init__.py', '')
        for name in sources(folder):
            with open(os.path.join(folder, name),
                      encoding='utf-8') as handle:
                _add(archive, 'baas/node/' + name, handle.read())
    atomic_file.write(path, packed.getvalue(), 0o700)
    return path


def sources(folder):
    """List the modules of a package and of those in it (sorted paths)."""
    return sorted(
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names if name.endswith('.py'))


def _add(archive, name, text):
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100600 << 16
    archive.writestr(entry, text.encode('utf-8'))
