"""The controllers' disk: the base with the awkward files and a seeded database, cached as well."""

import hashlib
import pathlib
import shutil

from container_lab import base, clusterfiles, content, disk, places
from container_lab.running import progress, run

SEED = pathlib.Path(__file__).with_name('seed-database')


def digest():
    """Return what changes whenever the recipe of a controller's disk does."""
    sources = [pathlib.Path(name).read_text() for name in (content.__file__, __file__, SEED)]
    recipe = '\n'.join([base.digest(), clusterfiles.MEMORY, clusterfiles.GALERA,
                        clusterfiles.PATIENCE, *sources])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def image():
    """Return the path of the cached disk, made already or not."""
    return places.CACHE / f'controller-{digest()}.img'


def ensure():
    """Make the controllers' disk unless it is in the cache."""
    if image().exists():
        return
    for old in places.CACHE.glob('controller-*'):
        old.unlink()
    progress('making awkward files and seeding the database')
    unfinished = image().with_suffix('.part')
    root = places.MOUNTS / 'controller-build'
    disk.unmount(root)
    disk.copy(base.image(), unfinished)
    disk.mount(unfinished, root, disk.OPTIONS + ',compress=zstd:1')
    try:
        clusterfiles.write_database(root, 'seed', '127.0.0.1')
        for source in (content.__file__, SEED):
            shutil.copy(source, root / 'root')
        _inside(root, 'python3', '/root/content.py', '/srv/lab')
        _inside(root, 'bash', '/root/seed-database')
        for source in (content.__file__, SEED):
            (root / 'root' / pathlib.Path(source).name).unlink()
        run('fstrim', root)
    finally:
        disk.unmount(root)
    disk.complete(unfinished)
    unfinished.rename(image())
    progress('the disk of a controller is in the cache')


def _inside(root, *command):
    # A network of its own: a Galera member listens, and nobody outside may answer it.
    run('systemd-nspawn', '--quiet', '--register=no', '--keep-unit', f'--directory={root}', '--private-network',
        '--machine=seed', '--resolv-conf=off', '--timezone=off', '--link-journal=no', '--pipe', *command)
