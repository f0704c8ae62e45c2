# SPDX-License-Identifier: Apache-2.0
"""The disk every machine starts from: made once a recipe, then copied.

A controller of the container lab, given a kernel, a boot loader and ReaR.
"""
import hashlib
import pathlib
import shutil

from baremetal_lab import bootloader
from baremetal_lab import layout
from baremetal_lab import places
from container_lab import bake
from container_lab import base
from container_lab import content
from container_lab import disk
from container_lab import files
from container_lab import running

PACKAGES = (
    'linux-image-amd64 initramfs-tools grub2-common grub-pc-bin '
    'grub-efi-amd64-bin efibootmgr lvm2 thin-provisioning-tools xfsprogs '
    'dosfstools mdadm parted gdisk fdisk udev kmod netbase ethtool '
    'isc-dhcp-client nfs-common zstd lz4 pigz cpio file binutils bc '
    'rear genisoimage xorriso isolinux syslinux syslinux-common pxelinux '
    'mtools attr psmisc rsync'
).split()
# Nothing of these is needed, and under emulation each costs seconds.
OFF = (
    'rpcbind.service rpcbind.socket nfs-client.target mdmonitor.service '
    'mdmonitor-oneshot.timer mdcheck_start.timer mdcheck_continue.timer '
    'lvm2-monitor.service'
).split()
MODULES = ('virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_rng')


def digest():
    """Return what changes whenever the recipe of the disk does."""
    here = pathlib.Path(__file__).parent
    recipe = [bake.digest(), *(
        (here / f'{name}.py').read_text()
        for name in ('image', 'layout', 'bootloader'))]
    return hashlib.sha256('\n'.join(recipe).encode()).hexdigest()[:12]


def path():
    """Return the path of the cached disk, made already or not."""
    return places.IMAGE / f'controller-{digest()}.img'


def kernel():
    """Return the path of its kernel, kept beside it."""
    return path().with_suffix('.vmlinuz')


def ensure():
    """Make the disk unless it is in the cache."""
    if path().exists():
        return
    places.IMAGE.mkdir(parents=True, exist_ok=True)
    for old in places.IMAGE.iterdir():
        old.unlink()
    base.ensure()
    bake.ensure()
    running.progress('making the disk of the machine (minutes)')
    unfinished = path().with_suffix('.part')
    disk.blank(unfinished, layout.SIZE)
    layout.make(unfinished)
    root = places.lab.MOUNTS / 'metal-build'
    with_system(unfinished, root, _fill)
    unfinished.rename(path())
    running.progress('the disk of the machine is in the cache')


def with_system(image, root, act):
    """Call something with the mounted system of a disk, and unmount it."""
    disk.apart(lambda: _with_system(image, root, act))
    disk.complete(image)


def _with_system(image, root, act):
    disk.unmount(root)
    layout.mount(image, 'root', root)
    try:
        for area, place in (('boot', 'boot'), ('mysql', 'var/lib/mysql')):
            layout.mount(image, area, root / place)
        act(image, root)
    finally:
        disk.unmount(root)


def _fill(image, root):
    _copy_controller(root)
    # Written before the kernel comes, whose initrd depends on it.
    files.put(root, 'etc/initramfs-tools/modules', '\n'.join(MODULES) + '\n')
    files.put(root, 'etc/fstab', _fstab(image))
    base.install(root, PACKAGES)
    running.run('systemctl', f'--root={root}', 'mask', *OFF)
    running.run('systemctl', f'--root={root}', 'enable',
                'serial-getty@ttyS0.service')
    _awkward_files(root)
    bootloader.install(image, root)
    shutil.copy(bootloader.kernel(root), kernel())
    running.run('fstrim', root)


def _copy_controller(root):
    source = places.lab.MOUNTS / 'metal-source'
    disk.unmount(source)
    disk.mount(bake.image(), source, 'loop,ro,norecovery')
    try:
        running.run('rsync', '-aHAXS', '--numeric-ids', '--exclude=/srv/lab',
                    f'{source}/', root)
    finally:
        disk.unmount(source)


def _awkward_files(root):
    shutil.copy(content.__file__, root / 'root')
    try:
        base.inside(root, 'python3', '/root/content.py', '/srv/lab')
    finally:
        (root / 'root/content.py').unlink()


def _fstab(image):
    identity = {}
    for area in ('boot', 'efi'):
        with layout.loop(image, area) as device:
            identity[area] = running.run(
                'blkid', '-p', '-s', 'UUID', '-o', 'value', device).strip()
    group = f'/dev/mapper/{layout.GROUP}'
    return (f'{group}-lv_root / xfs defaults 0 0\n'
            f'{group}-lv_mysql /var/lib/mysql ext4 defaults 0 2\n'
            f'UUID={identity["boot"]} /boot ext4 defaults 0 2\n'
            f'UUID={identity["efi"]} /boot/efi vfat umask=0077 0 2\n')
