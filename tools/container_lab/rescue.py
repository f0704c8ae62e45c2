"""Lose a machine, and start the small system from which it is brought back."""

from container_lab import base, disk, keys, places, rootfiles
from container_lab.running import run


def build(node):
    """Mount a throw-away root over the cached base: nothing written there outlives the boot."""
    top = places.MOUNTS / f'{node.name}-rescue'
    disk.unmount(top)
    top.mkdir(parents=True, exist_ok=True)
    run('mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', top)
    for name in ('lower', 'upper', 'work', 'root'):
        (top / name).mkdir()
    disk.mount(base.image(), top / 'lower', 'loop,ro,norecovery')
    run('mount', '-t', 'overlay', '-o', f'lowerdir={top}/lower,upperdir={top}/upper,workdir={top}/work',
        'overlay', top / 'root')
    rootfiles.write_rescue(node, top / 'root')
    return top / 'root'


def describe(node):
    """Return how to log in to the rescue system of a node."""
    return ' '.join(keys.command(node, 'root', 'rescue_known_hosts'))
