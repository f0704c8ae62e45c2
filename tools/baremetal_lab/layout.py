# SPDX-License-Identifier: Apache-2.0
"""What is where on the disk of the machine: partitions and volumes.

GPT with room for a BIOS boot loader and an EFI system partition, as the
images of TripleO have it: one disk starts under either firmware. The kernel
of the host may know neither partitions nor the device mapper, so everything
is found by its offset.
"""
import contextlib

from baremetal_lab import places
from container_lab import running

MIB = 1 << 20
SIZE = 8 << 30
_EFI, _BOOT, _PV = 2, 66, 450  # where they start, in MiB
_ROOT, _MYSQL = 4096, 768      # sizes of the volumes, in MiB
_END = SIZE // MIB - 1
_DATA = _PV + 1                # LVM's own area is the first MiB
AREAS = {                      # name: offset and size, in MiB
    'efi': (_EFI, _BOOT - _EFI),
    'boot': (_BOOT, _PV - _BOOT),
    'pv': (_PV, _END - _PV),
    'root': (_DATA, _ROOT),
    'mysql': (_DATA + _ROOT, _MYSQL),
}
GROUP = 'vg'  # as the images of TripleO call it
BOOT_PARTITION = 3
_BIOS = '21686148-6449-6E6F-744E-656564454649'  # sfdisk has no word for it
_TABLE = f'''label: gpt
start=1MiB, size=1MiB, type={_BIOS}
start={_EFI}MiB, size={_BOOT - _EFI}MiB, type=uefi
start={_BOOT}MiB, size={_PV - _BOOT}MiB, type=linux
start={_PV}MiB, size={_END - _PV}MiB, type=lvm
'''


@contextlib.contextmanager
def loop(image, area=None):
    """Lend a loop device of a disk, or of one area of it (str)."""
    words = ['losetup', '--find', '--show']
    if area:
        offset, size = AREAS[area]
        words += [f'--offset={offset * MIB}', f'--sizelimit={size * MIB}']
    device = running.run(*words, image).strip()
    try:
        yield device
    finally:
        running.works('losetup', '-d', device)


def stale_loops():
    """List loop devices that a killed run left on disks of this lab."""
    rows = running.run('losetup', '--list', '--noheadings', '--raw',
                       '--output', 'NAME,BACK-FILE').splitlines()
    ours = tuple(f'{folder}/' for folder in (places.MACHINE, places.IMAGE))
    return [name for name, _, file in (row.partition(' ') for row in rows)
            if file.startswith(ours)]


def mount(image, area, place):
    """Mount an area of a disk; its loop device goes when it is unmounted."""
    offset, size = AREAS[area]
    place.mkdir(parents=True, exist_ok=True)
    running.run('mount', '-o', f'loop,noatime,offset={offset * MIB},'
                f'sizelimit={size * MIB}', image, place)


def make(image):
    """Write partitions, volumes and empty file systems on a blank disk."""
    running.run('sfdisk', '--quiet', image, text=_TABLE)
    with loop(image, 'pv') as device:
        _volumes(device)
    for area, command in (('efi', 'mkfs.vfat -n EFI'),
                          ('boot', 'mkfs.ext4 -q -L boot'),
                          ('root', 'mkfs.xfs -q -f -L root'),
                          ('mysql', 'mkfs.ext4 -q -L mysql')):
        with loop(image, area) as device:
            running.run(*command.split(), device)


def _volumes(device):
    # Nothing of this is to be written to the host's own records.
    quiet = ['--driverloaded', 'n', '--config',
             'backup { backup=0 archive=0 } devices { use_devicesfile=0 '
             f'filter=["a|^{device}$|", "r|.*|"] }}']
    running.run('pvcreate', *quiet, '--dataalignment', '1m', device)
    running.run('vgcreate', *quiet, GROUP, device)
    for name, size in (('lv_root', _ROOT), ('lv_mysql', _MYSQL)):
        running.run('lvcreate', *quiet, '-an', '-Zn', '-Wn', '-n', name,
                    '-L', f'{size}m', GROUP)
    starts = running.run(
        'pvs', *quiet, '--noheadings', '--segments', '--units', 'm',
        '--nosuffix', '-o', 'pe_start,pvseg_start,vg_extent_size,lv_name',
        device)
    for row in starts.splitlines():
        first, extent, each, *name = row.split()
        if name and _PV + float(first) + int(extent) * float(each) \
                != AREAS[name[0].removeprefix('lv_')][0]:
            raise running.LabError(
                f'LVM has put {name[0]} elsewhere: {row.strip()}',
                'compare with tools/baremetal_lab/layout.py')
