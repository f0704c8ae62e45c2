"""Disks that are made from cached ones, and cached themselves."""

from container_lab import base, disk, places
from container_lab.running import progress, run


def build(wanted, fill, source=None):
    """Make a disk from a cached one unless it is in the cache.

    :param wanted: path of the disk, named KIND-DIGEST.img.
    :param fill: called with the folder where it is mounted.
    :param source: the disk that it is made from; the base when None.
    """
    if wanted.exists():
        return
    kind = wanted.stem.rpartition('-')[0]
    for old in places.CACHE.glob(f'{kind}-*'):
        old.unlink()
    unfinished = wanted.with_suffix('.part')
    disk.copy(source or base.image(), unfinished)
    # A machine that starts meanwhile would keep what is mounted for all to see.
    disk.apart(lambda: _fill(unfinished, places.MOUNTS / f'{kind}-build', fill))
    disk.complete(unfinished)
    unfinished.rename(wanted)
    progress(f'{wanted.name} is in the cache')


def _fill(image, root, fill):
    disk.mount(image, root, disk.OPTIONS + ',compress=zstd:1')
    try:
        fill(root)
        run('fstrim', root)
    finally:
        disk.unmount(root)
