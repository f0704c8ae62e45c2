"""The disks that machines start from: the system with a seeded database, and the awkward files on controllers."""

import hashlib
import pathlib
import shutil

from container_lab import content, disk, places
from container_lab.running import progress, run
from container_lab.containers import cached, passwords, store, system

SCRIPT = pathlib.Path(__file__).with_name('seed-database')
_KINDS = {'controller': 'galera', 'undercloud': 'single'}


def image(role):
    """Return the path of the cached disk of the machines of a role, made already or not."""
    sources = [pathlib.Path(name).read_text() for name in (content.__file__, __file__, SCRIPT)]
    recipe = hashlib.sha256('\n'.join([store.digest(), *sources]).encode()).hexdigest()[:12]
    return places.CACHE / f'containers-{role}-{recipe}.img'


def ensure():
    """Make the disks unless they are in the cache."""
    for role in _KINDS:
        cached.build(image(role), lambda root: _fill(role, root), system.image())


def _fill(role, root):
    progress(f'seeding the database of {role}')
    if role == 'controller':
        shutil.copy(content.__file__, root / 'root')
        _inside(root, ['python3', '/root/content.py', '/srv/lab'])
        (root / 'root/content.py').unlink()
    text = SCRIPT.read_text()
    for name in ('ROOT', 'SERVICE', 'CHECK', 'ADMIN'):
        text = text.replace(f'@{name}@', getattr(passwords, name))
    data = root / 'var/lib/mysql'
    data.mkdir()
    (data / '.seed').write_text(text)
    servers = places.MOUNTS / f'containers-{role}-servers'
    disk.mount(store.root_image(), servers, 'loop,ro,norecovery')
    try:
        _inside(servers, ['bash', '/var/lib/mysql/.seed', _KINDS[role]],
                '--read-only', '--tmpfs=/tmp:mode=1777', f'--bind={data}:/var/lib/mysql')
    finally:
        disk.unmount(servers)
    (data / '.seed').unlink()


def _inside(root, command, *options):
    # A network of its own: a member of Galera listens, and nobody outside may answer it.
    run('systemd-nspawn', '--quiet', '--register=no', '--keep-unit', f'--directory={root}', '--private-network',
        f'--machine={places.BADGE}-seed', '--resolv-conf=off', '--timezone=off', '--link-journal=no', *options,
        '--pipe', *command)
