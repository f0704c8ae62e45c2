# SPDX-License-Identifier: Apache-2.0
"""Disks as a node has them: how they are made, and what there is to see of
them afterwards."""
import contextlib
import json
import os
import re
import shutil
import traceback

from baas.node.disks import devices
from baas.node.rear import config
from baas.tests.machine import volumes

TOP = '/mnt/node'
"""Where the file systems of the node are mounted, below a root of its own."""
SMALL = ('/dev/vda', '/dev/vdb')
"""The disks that the node has."""
LARGE = ('/dev/vdc', '/dev/vdd')
"""Larger ones, that another machine has."""

PARTITIONS = '''
parted --script $A mklabel msdos \\
    mkpart primary ext4 1MiB 130MiB set 1 boot on \\
    mkpart primary ext4 130MiB 400MiB \\
    mkpart primary linux-swap 400MiB 440MiB \\
    mkpart extended 440MiB 100% mkpart logical xfs 441MiB 900MiB
dd if=/usr/lib/grub/i386-pc/boot.img of=$A bs=440 count=1 conv=notrunc
udevadm settle
mkfs.ext4 -qL root ${A}2; mkfs.ext4 -qL boot ${A}1; mkswap -L swap ${A}3
swapon ${A}3
mkfs.xfs -qfL data ${A}5
mount ${A}2 $TOP; mkdir $TOP/boot $TOP/srv
mount ${A}1 $TOP/boot; mount ${A}5 $TOP/srv
'''
VOLUMES = '''
parted --script $A mklabel gpt mkpart bios 1MiB 2MiB set 1 bios_grub on \\
    mkpart boot ext4 2MiB 130MiB mkpart system 130MiB 1000MiB set 3 lvm on
dd if=/usr/lib/grub/i386-pc/boot.img of=$A bs=440 count=1 conv=notrunc
udevadm settle
pvcreate -q ${A}3; vgcreate -q vg-node ${A}3
lvcreate -qy -n root -L 240M vg-node; lvcreate -qy -n swap -L 40M vg-node
lvcreate -qy -n my-sql -L 320M vg-node
lvcreate -qy -T -L 120M vg-node/pool
lvcreate -qy -V 200M -n home -T vg-node/pool
mkfs.ext4 -qL root /dev/vg-node/root; mkfs.ext4 -qL boot ${A}2
mkfs.xfs -qf /dev/vg-node/my-sql; mkfs.ext4 -q /dev/vg-node/home
mkswap /dev/vg-node/swap; swapon /dev/vg-node/swap
mount /dev/vg-node/root $TOP; mkdir -p $TOP/boot $TOP/var/lib/mysql $TOP/home
mount ${A}2 $TOP/boot; mount /dev/vg-node/my-sql $TOP/var/lib/mysql
mount /dev/vg-node/home $TOP/home
'''
UEFI = '''
parted --script $A mklabel gpt mkpart ESP fat32 1MiB 100MiB set 1 esp on \\
    mkpart root ext4 100MiB 400MiB mkpart data xfs 400MiB 1000MiB
udevadm settle
mkfs.vfat -n ESP ${A}1; mkfs.ext4 -qL root ${A}2; mkfs.xfs -qfL data ${A}3
mount ${A}2 $TOP; mkdir -p $TOP/boot/efi $TOP/srv
mount ${A}1 $TOP/boot/efi; mount ${A}3 $TOP/srv
'''
TWO_DISKS = '''
parted --script $A mklabel gpt mkpart bios 1MiB 2MiB set 1 bios_grub on \\
    mkpart root ext4 2MiB 300MiB mkpart system 300MiB 1000MiB set 3 lvm on
dd if=/usr/lib/grub/i386-pc/boot.img of=$A bs=440 count=1 conv=notrunc
parted --script $B mklabel gpt mkpart system 1MiB 1000MiB set 1 lvm on
udevadm settle
pvcreate -q ${A}3 ${B}1; vgcreate -q system ${A}3 ${B}1
lvcreate -qy -n data -L 1200M system
mkfs.ext4 -qL root ${A}2; mkfs.xfs -qfL data /dev/system/data
mount ${A}2 $TOP; mkdir -p $TOP/srv; mount /dev/system/data $TOP/srv
'''
RAID = '''
for disk in $A $B; do
    parted --script $disk mklabel gpt \\
        mkpart ESP fat32 1MiB 100MiB set 1 esp on \\
        mkpart boot 100MiB 230MiB set 2 raid on \\
        mkpart system 230MiB 1000MiB set 3 raid on
done
udevadm settle
mirror="--quiet --run --level 1 --raid-devices 2"
mdadm --create /dev/md/boot $mirror --metadata 1.0 ${A}2 ${B}2
mdadm --create /dev/md/system $mirror ${A}3 ${B}3
udevadm settle
pvcreate -q /dev/md/system; vgcreate -q vg-node /dev/md/system
lvcreate -qy -n root -L 240M vg-node; lvcreate -qy -n data -L 320M vg-node
mkfs.vfat -n ESP ${A}1; mkfs.ext4 -qL boot /dev/md/boot
mkfs.ext4 -qL root /dev/vg-node/root; mkfs.xfs -qfL data /dev/vg-node/data
mount /dev/vg-node/root $TOP; mkdir -p $TOP/boot $TOP/srv
mount /dev/md/boot $TOP/boot; mkdir -p $TOP/boot/efi
mount ${A}1 $TOP/boot/efi; mount /dev/vg-node/data $TOP/srv
'''

_RESCUE = '/etc/rear-release'
_OWN = ('boot', 'home', 'lost+found', 'mnt', 'srv', 'var')


@contextlib.contextmanager
def made(script):
    """Make the disks of a node and have their file systems mounted; in the
    end no volume and no array is at work."""
    os.makedirs(TOP, exist_ok=True)
    try:
        volumes.run('bash', '-ec', 'A={} B={} TOP={}{}'.format(
            *SMALL, TOP, script))
        volumes.run('udevadm', 'settle')
        yield
    finally:
        volumes.run('swapoff', '--all')
        if os.path.ismount(TOP):
            volumes.run('umount', '--recursive', '--lazy', TOP)
        _stop()


def clear(disks):
    """Leave nothing on disks."""
    _stop()
    for disk in disks:
        volumes.run('bash', '-ec', 'wipefs --all --quiet --force %s?* || true;'
                    'wipefs --all --quiet --force %s;'
                    'blockdev --rereadpt %s' % (disk, disk, disk))
    volumes.run('udevadm', 'settle')


def _stop():
    volumes.run('vgchange', '--quiet', '--activate', 'n')
    volumes.run('mdadm', '--stop', '--scan')
    volumes.run('udevadm', 'settle')


@contextlib.contextmanager
def without(disks):
    """Have a machine without some of its disks."""
    buses = [os.path.realpath('/sys/block/%s/device/..' % os.path.basename(
        disk)) for disk in disks]
    for bus in buses:
        with open(bus + '/remove', 'w') as handle:
            handle.write('1')
    try:
        yield
    finally:
        with open('/sys/bus/pci/rescan', 'w') as handle:
            handle.write('1')
        volumes.run('udevadm', 'settle')


def save():
    """Have ReaR write down how the disks are, as it does in making the
    image, and this machine be its rescue system; gives what the node knows
    its disks by."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_RESCUE)
    _show_system()
    _within(TOP, _save)
    shutil.rmtree('/var/lib/rear', ignore_errors=True)
    shutil.copytree(TOP + '/var/lib/rear', '/var/lib/rear')
    with open(_RESCUE, 'w'):
        pass
    return [disk for disk in devices.known() if disk['partitions']]


def _show_system():
    """Let the node see the system of this machine: its programs."""
    for name in os.listdir('/'):
        place = os.path.join(TOP, name)
        if os.path.islink('/' + name):
            os.symlink(os.readlink('/' + name), place)
        elif os.path.isdir('/' + name) and name not in _OWN:
            os.makedirs(place, exist_ok=True)
            volumes.run('mount', '--rbind', '/' + name, place)
    os.makedirs(TOP + '/var/lib/rear', exist_ok=True)
    os.makedirs(TOP + '/var/log/rear', exist_ok=True)
    os.makedirs(TOP + '/var/tmp', exist_ok=True)


def _save():
    config.write('/run/conf', {})
    volumes.run('rear', '-c', '/run/conf', 'savelayout')


def _within(root, work):
    child = os.fork()
    if not child:
        status = 1
        try:
            os.chroot(root)
            os.chdir('/')
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1]:
        raise AssertionError('see above')


def seen(root, disks):
    """Tell all that must be as it was (dict).

    :param root: where the file systems are mounted.
    :param disks: of the machine; others of another size or name read the
        same.
    """
    return {'mounts': _mounts(root, disks),
            'tables': [_table(disk) for disk in disks],
            'swaps': sorted(_swaps()), 'volumes': _volumes(),
            'arrays': _arrays()}


def _mounts(root, disks):
    out = volumes.run('findmnt', '--json', '--list', '--output',
                      'TARGET,FSTYPE,SOURCE')
    found = {}
    for one in json.loads(out)['filesystems']:
        target = os.path.relpath(one['target'], root)
        if one['source'].startswith('/dev/') and target[:2] != '..':
            lies = [disks.index(disk)
                    for disk in devices.under(one['source'])]
            found[target] = [one['fstype'], lies, *_known(one['source'])]
    return found


def _known(device):
    out = volumes.run('blkid', '-p', '-o', 'export', device)
    told = dict(line.split('=', 1) for line in out.splitlines())
    return told.get('UUID'), told.get('LABEL')


def _swaps():
    out = volumes.run('lsblk', '-nrpo', 'NAME,FSTYPE')
    for line in {line for line in out.splitlines() if ' swap' in line}:
        yield _known(line.split()[0])


def _table(disk):
    out = volumes.run('sfdisk', '--json', disk)
    table = json.loads(out)['partitiontable']
    return table['label'], [
        {key: value for key, value in part.items()
         if key in ('start', 'size', 'type', 'name', 'bootable')}
        for part in table['partitions']]


def _volumes():
    out = volumes.run('lvs', '--reportformat', 'json', '-o',
                      'lv_full_name,lv_size,segtype,pool_lv')
    return sorted(tuple(row.values())
                  for row in json.loads(out)['report'][0]['lv'])


def _arrays():
    out = volumes.run('mdadm', '--detail', '--scan', '--verbose')
    # Numbers of devices are not kept by Linux either.
    return sorted(re.findall(
        r'level=(\S+) num-devices=(\d+).*?UUID=(\S+)', out, re.DOTALL))
