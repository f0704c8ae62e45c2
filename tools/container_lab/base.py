"""The operating system all machines start from: built once, kept as a disk image."""

import hashlib
import os
import pathlib
import shutil

from container_lab import disk, places
from container_lab.running import LabError, progress, run, works

SUITE = 'bookworm'
PACKAGES = (
    'systemd systemd-sysv dbus openssh-server openssh-client openssh-sftp-server sudo python3 iproute2 iputils-ping '
    'procps attr acl e2fsprogs btrfs-progs rsync tar zstd libcap2-bin less '
    'mariadb-server galera-4 mariadb-backup '
    'pacemaker corosync resource-agents pacemaker-cli-utils '
    'rabbitmq-server'
).split()
SERVICES = (
    'mariadb.service mariadb.socket mariadb-extra.socket corosync.service pacemaker.service '
    'rabbitmq-server.service rsync.service e2scrub_reap.service e2scrub_all.timer apt-daily.timer '
    'apt-daily-upgrade.timer dpkg-db-backup.timer systemd-timesyncd.service getty@tty1.service '
    'console-getty.service fstrim.timer'
).split()
DPKG = '''force-unsafe-io
path-exclude=/usr/share/man/*
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/lintian/*
'''
SIZE = 8 * places.GIB


def digest():
    """Return what changes whenever the recipe of the base does."""
    return hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:12]


def image():
    """Return the path of the cached base, built already or not."""
    return places.CACHE / f'base-{digest()}.img'


def ensure():
    """Build the base unless it is in the cache."""
    if image().exists():
        return
    for old in places.CACHE.glob('*.img'):
        old.unlink()
    unfinished = image().with_suffix('.part')
    root = places.MOUNTS / 'base-build'
    disk.unmount(root)
    disk.blank(unfinished, SIZE)
    disk.format_disk(unfinished, 'base')
    disk.mount(unfinished, root, disk.OPTIONS + ',compress=zstd:1')
    try:
        _bootstrap(root)
        install(root, PACKAGES)
        _settle(root)
        # dpkg reserves space for each file first, and btrfs does not compress what was reserved.
        run('btrfs', 'filesystem', 'defragment', '-r', '-czstd', root)
        run('btrfs', 'filesystem', 'sync', root)
        run('fstrim', root)  # what was deleted on the way need not be copied for every node
    finally:
        disk.unmount(root)
    disk.complete(unfinished)
    unfinished.rename(image())
    progress('base is in the cache')


def mirror():
    """Find where this host itself gets Debian from."""
    listing = run('apt-get', 'indextargets', '--format', '$(REPO_URI)|$(CODENAME)|$(COMPONENT)|$(ORIGIN)|$(LABEL)',
                  'Created-By: Packages')
    rows = [line.split('|') for line in listing.splitlines()]
    debian = [row for row in rows if row[2:] == ['main', 'Debian', 'Debian']]
    debian.sort(key=lambda row: row[1] != SUITE)
    if not debian:
        raise LabError('the host\'s apt sources name no Debian archive',
                       'add one to /etc/apt/sources.list and run apt-get update')
    return debian[0][0]


def _bootstrap(root):
    progress(f'debootstrap {SUITE} (a minute or more)')
    settings = root / 'etc/dpkg/dpkg.cfg.d/baas-lab'
    settings.parent.mkdir(parents=True)
    settings.write_text(DPKG)
    run('debootstrap', '--variant=minbase', SUITE, root, mirror(),
        hint=f'see {root}/debootstrap/debootstrap.log and the host\'s apt settings')


def install(root, packages):
    """Install packages into a root that is not running; nothing of this host stays there."""
    progress(f'installing {len(packages)} packages into {root.name} (minutes)')
    (root / 'etc/apt/sources.list').write_text(f'deb {mirror()} {SUITE} main\n')
    refuse = root / 'usr/sbin/policy-rc.d'
    refuse.write_text('#!/bin/sh\nexit 101\n')
    refuse.chmod(0o755)
    borrowed = root / 'etc/apt/apt.conf.d/zz-host'
    # The host may reach its mirror only through a proxy or with a certificate of its own.
    wanted = [line for line in run('apt-config', 'dump').splitlines() if line.startswith('Acquire::http')]
    borrowed.write_text('\n'.join(wanted) + '\n')
    for name in ('etc/resolv.conf', 'etc/hosts'):
        shutil.copy(f'/{name}', root / name)
    for certificates in ('/etc/ssl/certs', '/usr/local/share/ca-certificates'):
        if os.path.isdir(certificates):
            shutil.copytree(certificates, f'{root}{certificates}', dirs_exist_ok=True)
    env = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive', 'LC_ALL': 'C.UTF-8'}
    run('mount', '--bind', '/dev', root / 'dev')
    try:
        inside(root, 'apt-get', 'update', env=env)
        inside(root, 'apt-get', 'install', '-y', '--no-install-recommends', *packages, env=env)
        inside(root, 'apt-get', 'clean')
    finally:
        works('umount', root / 'dev')
    refuse.unlink()
    borrowed.unlink()
    for folder in ('usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/lib/apt/lists',
                   'etc/ssl/certs', 'usr/local/share/ca-certificates'):
        shutil.rmtree(root / folder, ignore_errors=True)
    (root / 'etc/apt/sources.list').write_text('')
    (root / 'etc/resolv.conf').write_text('')
    (root / 'var/lib/apt/lists').mkdir(parents=True, exist_ok=True)


def inside(root, *command, env=None):
    """Run a command in a root that is not running; what it leaves behind it ends with it.

    Scripts of packages start daemons, as those of RabbitMQ do with epmd, which would hold the disk; and they end
    some by name, which must not be those of this host.
    """
    return run('unshare', '--pid', '--fork', '--kill-child', f'--mount-proc={root}/proc', 'chroot', root, *command,
               env=env)


def _settle(root):
    """Make the base the same for all machines: no keys, no ids, no service started unasked."""
    run('systemctl', f'--root={root}', 'disable', *SERVICES)
    run('systemctl', f'--root={root}', 'mask', 'systemd-resolved.service', 'systemd-firstboot.service')
    run('systemctl', f'--root={root}', 'enable', 'ssh.service', 'systemd-networkd.service')
    for key in (*(root / 'etc/ssh').glob('ssh_host_*'), root / 'var/lib/rabbitmq/.erlang.cookie'):
        key.unlink(missing_ok=True)
    (root / 'etc/machine-id').write_text('')
    inside(root, 'useradd', '--create-home', '--shell', '/bin/bash', places.ADMIN)
    sudo = root / 'etc/sudoers.d' / places.ADMIN
    sudo.write_text(f'{places.ADMIN} ALL=(ALL) NOPASSWD:ALL\n')
    sudo.chmod(0o440)
