# SPDX-License-Identifier: Apache-2.0
"""The NFS server of the kernel, on loopback, in a machine of one's own."""
import os
import pathlib
import shutil
import subprocess
import time

_OPTIONS = 'rw,sync,no_root_squash,no_subtree_check,crossmnt,fsid={}'
_SOCKET = '/run/rpcbind.sock'


def missing():
    """Say why there can be no server here, or None."""
    known = pathlib.Path('/proc/filesystems').read_text()
    if 'nfsd' not in known or 'nfs' not in known.split():
        return 'this kernel has no NFS; tools/vm has a machine with it'
    for program in ('rpc.nfsd', 'rpc.mountd', 'exportfs', 'mount.nfs'):
        if not shutil.which(program, path='/usr/sbin:/sbin'):
            return f'there is no {program} (nfs-kernel-server)'
    return None


class Server:
    """A server of NFS 3 for the loopback."""

    def __init__(self):
        self._helpers, self._count = [], 0

    def start(self):
        """Start it."""
        for place, kind in (('/proc/fs/nfsd', 'nfsd'),
                            ('/var/lib/nfs/rpc_pipefs', 'rpc_pipefs')):
            os.makedirs(place, exist_ok=True)
            if not os.path.ismount(place):
                _run('mount', '-t', kind, kind, place)
        for name in ('etab', 'rmtab'):
            pathlib.Path('/var/lib/nfs', name).touch()
        pathlib.Path(_SOCKET).unlink(missing_ok=True)
        self._help('rpcbind', '-f', '-r')
        wait_until(lambda: os.path.exists(_SOCKET))
        self._help('rpc.mountd', '--foreground')
        self.serve()

    def _help(self, *words):
        self._helpers.append(subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def serve(self):
        """Let the kernel answer."""
        _run('rpc.nfsd', '-N', '4', '4')

    def vanish(self):
        """Stop answering, as a host that is gone."""
        _run('rpc.nfsd', '0')

    def stop(self):
        """End it."""
        self.vanish()
        _run('exportfs', '-ua')
        for process in reversed(self._helpers):
            process.terminate()
            process.wait()

    def export(self, path):
        """Export a folder; once more after something was mounted on it."""
        self._count += 1
        _run('exportfs', '-o', _OPTIONS.format(self._count),
             f'127.0.0.1:{path}')
        _run('exportfs', '-f')


def _run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f'{words}: {done.stderr}')


def wait_until(holds, seconds=30):
    """Wait for something to become true.

    :raises AssertionError: it does not.
    """
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise AssertionError('it never became true')
        time.sleep(0.05)
