"""What the host must offer before anything is done, and one lab command at a time."""

import contextlib
import fcntl
import os
import pathlib
import shutil

from container_lab import places
from container_lab.running import LabError, progress, run, works

TOOLS = {  # command: the Debian package that has it
    'systemd-nspawn': 'systemd-container',
    'systemctl': 'systemd',
    'debootstrap': 'debootstrap',
    'mkfs.btrfs': 'btrfs-progs',
    'btrfstune': 'btrfs-progs',
    'ip': 'iproute2',
    'ssh': 'openssh-client',
    'losetup': 'mount',
    'gpgv': 'gpgv',
}


def check_root():
    """Refuse to go on without root."""
    if os.geteuid() != 0:
        raise LabError('the lab needs root, for loop devices, mounts and namespaces', 'run it with sudo')


def check_kernel(filesystems=('btrfs', 'overlay')):
    """Refuse to go on where the kernel lacks what every node stands on."""
    known = pathlib.Path('/proc/filesystems').read_text().split()
    lacking = [name for name in filesystems if name not in known and not works('modprobe', '-n', name)]
    if lacking:
        raise LabError(f'this kernel has no {" and no ".join(lacking)}',
                       'use a host whose /proc/filesystems lists it')
    if not pathlib.Path('/dev/loop-control').exists():
        raise LabError('there is no /dev/loop-control, so no loop devices', 'use a host with loop devices')
    if not pathlib.Path('/sys/fs/cgroup/unified/cgroup.procs').exists() \
            and not pathlib.Path('/sys/fs/cgroup/cgroup.procs').exists():
        raise LabError('no cgroup2 tree is mounted', 'mount one at /sys/fs/cgroup/unified')


def install_tools(tools):
    """Install the Debian packages of the commands and files that are missing, without starting any service.

    :param tools: the package (str) of each command or path of a file (str).
    """
    missing = sorted({package for tool, package in tools.items()
                      if not (os.path.exists(tool) if tool.startswith('/') else shutil.which(tool))})
    if not missing:
        return
    if not shutil.which('apt-get'):
        raise LabError(f'missing here: {" ".join(missing)}', 'install them, this host has no apt-get')
    progress(f'installing {" ".join(missing)}')
    # One broken third-party source must not stop the lab: the install below tells if it mattered.
    works('apt-get', 'update')
    with _no_service():
        run('apt-get', 'install', '-y', '--no-install-recommends', *missing,
            env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}, hint='look at the host\'s apt sources')


@contextlib.contextmanager
def _no_service():
    # A package may start its service, on all interfaces of the host.
    policy = pathlib.Path('/usr/sbin/policy-rc.d')
    if policy.exists():
        yield
        return
    policy.write_text('#!/bin/sh\nexit 101\n')
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def alone():
    """Hold the lab's lock, so that two commands never change it at once."""
    return _locked(places.STATE / 'lock', _refuse)


def building():
    """Hold the lock of the cache, which several labs may share: who waits finds there what the other one has made."""
    return _locked(places.CACHE / 'lock', lambda: progress('waiting for another lab, which fills the cache'))


@contextlib.contextmanager
def _locked(path, busy):
    """Hold the lock on a file; where somebody has it, call `busy` and wait unless that raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'w') as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            busy()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _refuse():
    raise LabError('another lab command is at work', 'wait until it has ended') from None
