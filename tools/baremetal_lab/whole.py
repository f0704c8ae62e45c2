"""The bare-metal lab as a whole: up, down, status."""
import json
import shutil

from baremetal_lab import image
from baremetal_lab import layout
from baremetal_lab import libvirt
from baremetal_lab import machine
from baremetal_lab import network
from baremetal_lab import nfs
from baremetal_lab import places
from container_lab import cluster
from container_lab import disk
from container_lab import host
from container_lab import inventory
from container_lab import keys
from container_lab import network as bridge
from container_lab import running

TOOLS = {
    **host.TOOLS,
    'qemu-system-x86_64': 'qemu-system-x86',  # for what the newer one needs
    'libvirtd': 'libvirt-daemon',
    'virsh': 'libvirt-clients',
    '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/'
    'libvirt_driver_qemu.so': 'libvirt-daemon-driver-qemu',
    'dnsmasq': 'dnsmasq-base',
    'ganesha.nfsd': 'nfs-ganesha',
    '/usr/lib/x86_64-linux-gnu/ganesha/libfsalvfs.so': 'nfs-ganesha-vfs',
    'pvcreate': 'lvm2',
    'mkfs.xfs': 'xfsprogs',
    'sfdisk': 'fdisk',
    'partx': 'util-linux',
    'mkfs.vfat': 'dosfstools',
    'mcopy': 'mtools',
    'rsync': 'rsync',
    '/usr/share/OVMF/OVMF_CODE_4M.fd': 'ovmf',
    '/usr/lib/ipxe/snponly.efi': 'ipxe',
    '/usr/lib/PXELINUX/lpxelinux.0': 'pxelinux',
    '/usr/lib/syslinux/modules/bios/ldlinux.c32': 'syslinux-common',
}


def up(firmware, extra, netboot):
    """Bring the lab up anew, unless it is well already as asked for.

    :param firmware: ``bios`` or ``uefi``.
    :param extra: sizes of further, blank disks (list of int, bytes).
    :param netboot: what the network boots, of ``network.KINDS``.
    """
    host.install_tools(TOOLS)
    report = health()
    if report['well'] and machine.settings() == {
            'firmware': firmware, 'disks': 1 + len(extra)}:
        network.start(netboot)
        running.progress('the lab is up already')
        return
    clear()
    image.ensure()
    places.STATE.mkdir(parents=True, exist_ok=True)
    keys.make()
    network.start(netboot)
    nfs.start()
    libvirt.start()
    machine.make(firmware, extra, alone=True)
    inventory.write([places.NODE])
    running.progress('switching the machine on')
    libvirt.power_on()
    machine.wait_for_login()
    running.progress('the lab is up')


def down(purge=False):
    """Cut the power and leave nothing but the cache, keys and backups."""
    clear()
    if purge:
        shutil.rmtree(places.lab.CACHE, ignore_errors=True)
        shutil.rmtree(places.QEMU, ignore_errors=True)
    running.progress('the lab is down'
                     + (', its cache is gone' if purge else ''))


def clear():
    """Take away all that this or a killed run has left."""
    libvirt.stop()
    nfs.stop()
    network.stop()
    disk.unmount(places.lab.MOUNTS)
    for name in layout.stale_loops():
        running.works('partx', '--delete', name)
        running.works('losetup', '-d', name)
    machine.remove()
    for folder in (places.lab.MOUNTS, places.LIBVIRT, places.TFTP,
                   places.WEB, places.LOGS, places.STATE / 'nfs'):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (places.lab.INVENTORY, network.SETTINGS, nfs.SETTINGS,
                 places.STATE / 'dnsmasq.conf'):
        path.unlink(missing_ok=True)


def health():
    """Give the state of each part, and what is wrong, as plain data."""
    on = libvirt.answers()
    report = {
        'machine': libvirt.state() if on else 'gone',
        'ssh': cluster.answers(places.NODE) if bridge.exists() else False,
        'network': bridge.exists() and network.well(),
        'nfs': bridge.exists() and nfs.well(),
        'libvirt': on,
    }
    wrong = [f'{name} is down' for name in ('network', 'nfs', 'libvirt')
             if not report[name]]
    if report['machine'] != 'running':
        wrong.append(f'the machine is {report["machine"]}')
    elif not report['ssh']:
        wrong.append('the machine does not answer SSH')
    report['complaints'], report['well'] = wrong, not wrong
    return report


def status(as_json):
    """Print how each part is, and return whether all is well."""
    report = health()
    if as_json:
        print(json.dumps(report, indent=2))
        return report['well']
    print(f'{places.NODE.name}  {places.NODE.address}  {report["machine"]}  '
          f'{"ssh" if report["ssh"] else "no-ssh"}')
    for name in ('network', 'nfs', 'libvirt'):
        print(f'{name:12}  {"well" if report[name] else "down"}')
    for complaint in report['complaints']:
        print(f'not well: {complaint}')
    print('all is well' if report['well'] else 'the lab is not well')
    return report['well']
