# SPDX-License-Identifier: Apache-2.0
"""A QEMU newer than Debian 12's own: several times faster at fork and exec.

It is unpacked beside, with package lists of its own, and not installed.
"""
import pathlib
import subprocess
import tempfile

from baremetal_lab import places
from container_lab import base
from container_lab import running

SUITE = 'bookworm-backports'
NAMES = ('qemu-system-x86', 'qemu-system-common', 'qemu-system-data')
KEY = '/usr/share/keyrings/debian-archive-keyring.gpg'
WRAPPER = places.LIBVIRT / 'qemu'
_SCRIPT = '''#!/bin/sh
exec {top}/usr/bin/qemu-system-x86_64 -L {top}/usr/share/qemu \\
    -L /usr/share/seabios -L /usr/lib/ipxe/qemu "$@"
'''


def ensure():
    """Unpack it unless it is there, and write what starts it."""
    if not (places.QEMU / 'usr/bin/qemu-system-x86_64').exists():
        _fetch()
    WRAPPER.parent.mkdir(parents=True, exist_ok=True)
    WRAPPER.write_text(_SCRIPT.format(top=places.QEMU))
    WRAPPER.chmod(0o755)


def version():
    """Give the version as QEMU says it (str)."""
    return running.run(WRAPPER, '--version').splitlines()[0]


def _fetch():
    running.progress(f'unpacking QEMU of {SUITE}')
    places.QEMU.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.QEMU.parent) as work:
        top = pathlib.Path(work)
        for folder in ('lists/partial', 'archives/partial', 'tree'):
            (top / folder).mkdir(parents=True)
        (top / 'sources.list').write_text(
            f'deb [signed-by={KEY}] {base.mirror()} {SUITE} main\n')
        options = [word for pair in (
            f'Dir::Etc::sourcelist={top}/sources.list',
            'Dir::Etc::sourceparts=/dev/null',
            f'Dir::State::lists={top}/lists',
            f'Dir::Cache::archives={top}/archives') for word in ('-o', pair)]
        running.run('apt-get', '-qq', *options, 'update')
        # It downloads into the folder it is called back.
        subprocess.run(['apt-get', '-qq', *options, 'download', *NAMES],
                       cwd=top, check=True)
        for package in top.glob('*.deb'):
            running.run('dpkg-deb', '-x', package, top / 'tree')
        (top / 'tree').rename(places.QEMU)
