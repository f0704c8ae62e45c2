"""The operating system of a machine: the base, with Podman and without the servers that run in containers."""

import hashlib
import pathlib

from container_lab import base, places
from container_lab.running import run
from container_lab.containers import cached

PACKAGES = 'podman crun runc conmon netbase nftables'.split()
SERVERS = 'mariadb-server mariadb-client mariadb-backup mariadb-common galera-4 rabbitmq-server'.split()
SERVICES = 'podman.service podman.socket podman-restart.service podman-auto-update.timer nftables.service'.split()


def digest():
    """Return what changes whenever the recipe of the system does."""
    recipe = base.digest() + pathlib.Path(__file__).read_text()
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def image():
    """Return the path of the cached system, built already or not."""
    return places.CACHE / f'containers-system-{digest()}.img'


def ensure():
    """Build the system unless it is in the cache."""
    cached.build(image(), _fill)


def _fill(root):
    base.install(root, PACKAGES)
    base.inside(root, 'apt-get', 'purge', '-y', '--auto-remove', *SERVERS, env={
        'DEBIAN_FRONTEND': 'noninteractive', 'LC_ALL': 'C.UTF-8', 'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'})
    run('rm', '-rf', *(root / path for path in ('var/lib/mysql', 'var/lib/rabbitmq', 'etc/mysql', 'etc/rabbitmq',
                                                'var/log/mysql', 'var/log/rabbitmq')))
    run('systemctl', f'--root={root}', 'disable', *SERVICES)
