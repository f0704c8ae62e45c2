# SPDX-License-Identifier: Apache-2.0
"""GRUB on the disk of the machine, for BIOS and for UEFI."""
from baremetal_lab import layout
from container_lab import base
from container_lab import files
from container_lab import running

# Names of cards as the kernel counts them, and what makes emulation faster.
KERNEL = ('net.ifnames=0 console=tty0 console=ttyS0,115200 mitigations=off '
          'tsc=reliable clocksource=tsc')
DEFAULTS = f'''GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX="{KERNEL}"
GRUB_TERMINAL="serial console"
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
GRUB_DISABLE_OS_PROBER=true
'''
MENU = '''set timeout=1
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
menuentry Debian {{
    insmod part_gpt
    insmod ext2
    search --no-floppy --label --set=root boot
    linux /{kernel} root=/dev/mapper/{group}-lv_root ro {words}
    initrd /{initrd}
}}
'''
_EFI_MODULES = ('part_gpt ext2 fat normal linux search search_label '
                'configfile serial terminal echo test').split()


def install(image, root):
    """Install GRUB for both firmwares, and its menu.

    :param image: the disk.
    :param root: where its system is mounted, with /boot.
    """
    newest = kernel(root).name
    files.put(root, 'etc/default/grub', DEFAULTS)
    files.put(root, 'boot/grub/grub.cfg', MENU.format(
        kernel=newest, initrd=newest.replace('vmlinuz', 'initrd.img'),
        group=layout.GROUP, words=KERNEL))
    _bios(image, root)
    _uefi(image, root)


def kernel(root):
    """Return the path of the newest kernel of a system."""
    return sorted((root / 'boot').glob('vmlinuz-*'))[-1]


def _bios(image, root):
    with layout.loop(image) as device:
        # What reads the partitions here is partx: the kernel may not.
        running.run('partx', '--add', device)
        boot = f'{device}p{layout.BOOT_PARTITION}'
        running.run('umount', root / 'boot')
        running.run('mount', boot, root / 'boot')
        try:
            _in_chroot(root, 'grub-install', '--target=i386-pc',
                       '--modules=part_gpt ext2', device)
        finally:
            running.run('umount', root / 'boot')
            running.works('partx', '--delete', device)
    layout.mount(image, 'boot', root / 'boot')


def _uefi(image, root):
    # grub-install wants a mounted FAT, which the kernel may not know.
    _in_chroot(root, 'cp', '-r', '/usr/lib/grub/x86_64-efi', '/boot/grub/')
    _in_chroot(root, 'grub-mkimage', '-O', 'x86_64-efi',
               '-o', '/root/grubx64.efi', '-p', '(hd0,gpt3)/grub',
               *_EFI_MODULES)
    with layout.loop(image, 'efi') as device:
        running.run('mmd', '-i', device, '::EFI', '::EFI/BOOT',
                    '::EFI/debian')
        for name in ('EFI/BOOT/BOOTX64.EFI', 'EFI/debian/grubx64.efi'):
            running.run('mcopy', '-i', device, root / 'root/grubx64.efi',
                        f'::{name}')
    (root / 'root/grubx64.efi').unlink()
    (root / 'boot/efi').mkdir(exist_ok=True)


def _in_chroot(root, *words):
    for name in ('dev', 'sys'):
        running.run('mount', '--bind', f'/{name}', root / name)
    try:
        base.inside(root, *words)
    finally:
        for name in ('sys', 'dev'):
            running.works('umount', root / name)
