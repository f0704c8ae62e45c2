"""Disks of machines: sparse image files, each with a btrfs of its own."""

import concurrent.futures
import ctypes
import os
import pathlib

from container_lab import places
from container_lab.running import run, wait_for, works

# Nothing here outlives the host, so the file system need not wait for the host's disk.
OPTIONS = 'loop,noatime,nobarrier'
_NEW_MOUNTS, _PRIVATE = 0x20000, 0x4000 | 1 << 18  # of sched.h; MS_REC | MS_PRIVATE of mount.h


def blank(image, size):
    """Put an empty disk of that size in the place of whatever was there."""
    image.parent.mkdir(parents=True, exist_ok=True)
    image.unlink(missing_ok=True)
    with open(image, 'wb') as handle:
        handle.truncate(size)


def forget(image):
    """Empty a disk that is still mounted, when nobody will read it again."""
    if image.exists():
        size = image.stat().st_size
        # Unmounting would wait until gigabytes that are about to be deleted have reached the host's disk.
        os.truncate(image, 0)
        os.truncate(image, size)


def has_filesystem(image):
    """Tell whether there is any file system on a disk."""
    return works('blkid', '-p', image)


def format_disk(image, label, *options):
    """Make a btrfs with an id of its own on a disk."""
    run('mkfs.btrfs', '-q', '-f', '-K', '-m', 'single', *options, '-L', label, image)


def copy(source, image):
    """Make a disk from a cached one and give its file system an id of its own."""
    image.parent.mkdir(parents=True, exist_ok=True)
    image.unlink(missing_ok=True)
    run('cp', '--sparse=always', '--reflink=auto', source, image)
    # Two file systems with one id cannot be mounted at once.
    run('btrfstune', '-f', '-u', image)
    run('btrfs', 'filesystem', 'label', image, image.stem)


def is_mounted(place):
    """Tell whether something is mounted at that very place."""
    return str(place) in _mounts()


def mount(image, place, options=OPTIONS):
    """Mount a disk through a loop device that goes away by itself when unmounted."""
    place.mkdir(parents=True, exist_ok=True)
    run('mount', '-t', 'btrfs', '-o', options, image, place, hint='see `dmesg` for the reason')


def unmount(place):
    """Unmount everything at and below a place, the innermost first."""
    for path in sorted(_mounts(), reverse=True):
        if path == str(place) or path.startswith(f'{place}/'):
            if not works('umount', path):
                works('umount', '-l', path)


def apart(act):
    """Call something in a thread with mounts of its own, of which nobody gets a copy who is born meanwhile: what it
    unmounts is unmounted."""
    libc = ctypes.CDLL(None, use_errno=True)

    def alone():
        if libc.unshare(_NEW_MOUNTS) or libc.mount(None, b'/', None, ctypes.c_ulong(_PRIVATE), None):
            raise OSError(ctypes.get_errno(), 'there are no mounts of its own')
        return act()

    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(alone).result()


def complete(image):
    """Wait until all that was written to a disk is on it: whoever was born with the mount in a mount namespace of its
    own keeps it for as long as it lives."""
    wait_for(f'the end of all use of {image.name}',
             lambda: not run('losetup', '--associated', image).strip(), 120,
             'see which process has it in its /proc/PID/mounts')


def loops():
    """List the loop devices that stand on files of this lab."""
    listing = run('losetup', '--list', '--noheadings', '--raw', '--output', 'NAME,BACK-FILE')
    rows = (line.split(' ', 1) for line in listing.splitlines())
    return [row[0] for row in rows if len(row) == 2 and row[1].startswith(f'{places.STATE}/')]


def release():
    """Unmount and detach all that belongs to the lab."""
    unmount(places.STATE)
    for loop in loops():
        works('losetup', '-d', loop)


def holds_system(root):
    """Tell whether a mounted disk has an operating system to boot."""
    for init in ('sbin/init', 'usr/sbin/init', 'usr/lib/systemd/systemd'):
        if os.path.lexists(root / init):
            return True
    return False


def _mounts():
    rows = pathlib.Path('/proc/thread-self/mounts').read_text().splitlines()
    return [row.split(' ')[1].encode().decode('unicode_escape') for row in rows]
