# SPDX-License-Identifier: Apache-2.0
"""The bare-metal lab as a whole: up, down, status."""
import json
import shutil

from baremetal_lab import bmc
from baremetal_lab import enrol
from baremetal_lab import firmware as board
from baremetal_lab import image
from baremetal_lab import ironic
from baremetal_lab import layout
from baremetal_lab import libvirt
from baremetal_lab import machine
from baremetal_lab import members
from baremetal_lab import network
from baremetal_lab import nfs
from baremetal_lab import places
from container_lab import cluster
from container_lab import clusterfiles
from container_lab import disk
from container_lab import host
from container_lab import inventory
from container_lab import keys
from container_lab import network as bridge
from container_lab import running

PATIENCE = 600  # under emulation all takes its time
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
    # For the BMC's binding of libvirt, which is compiled:
    'gcc': 'gcc',
    'pkg-config': 'pkg-config',
    '/usr/lib/x86_64-linux-gnu/pkgconfig/libvirt.pc': 'libvirt-dev',
    '/usr/include/python3.11/Python.h': 'python3-dev',
    '/usr/share/OVMF/OVMF_CODE_4M.fd': 'ovmf',
    '/usr/lib/ipxe/snponly.efi': 'ipxe',
    '/usr/lib/PXELINUX/lpxelinux.0': 'pxelinux',
    '/usr/lib/syslinux/modules/bios/ldlinux.c32': 'syslinux-common',
}
# Without the last two, a lab is well too.
SERVERS = {'network': network.well, 'nfs': nfs.well,
           'libvirt': libvirt.answers, 'bmc': bmc.well,
           'ironic': ironic.well}


def up(firmware, extra, netboot, managed, clustered):
    """Bring the lab up anew, unless it is well already as asked for.

    :param firmware: ``bios`` or ``uefi``.
    :param extra: sizes of further, blank disks (list of int, bytes).
    :param netboot: what the network boots, of ``network.KINDS``.
    :param managed: whether it gets a BMC and a Bare Metal service.
    :param clustered: whether the other two members of its cluster are made.
    """
    host.install_tools(TOOLS)
    if health()['well'] and members.exist() == clustered \
            and machine.settings() == {'firmware': firmware,
                                       'disks': 1 + len(extra), 'board': 1}:
        running.progress('the lab is up already')
        network.start(netboot)
        if managed:
            _manage(firmware)
        return
    clear()
    image.ensure()
    keys.make()
    network.start(netboot)
    nfs.start()
    libvirt.start()
    secrets = clusterfiles.secrets()
    machine.make(firmware, extra, secrets, alone=not clustered)
    running.progress('switching the machine on')
    board.start()
    libvirt.power_on()
    if clustered:
        running.progress('the other two members are made')
        members.start(secrets)
    inventory.write([places.NODE, *(members.NODES if clustered else [])],
                    {places.NODE.name: [places.MAC]})
    if managed:
        _manage(firmware)
    machine.wait_for_login()
    if clustered:
        _wait_for_cluster()
    running.progress('the lab is up')


def _wait_for_cluster():
    running.progress('waiting for the cluster')
    running.wait_for('a cluster of three', lambda: not members.wrong(),
                     PATIENCE, 'see `tools/lab-baremetal status`', 5)
    cluster.create_account()


def _manage(firmware):
    running.progress('the machine gets a BMC and becomes a node of ironic')
    bmc.start()
    ironic.start()
    enrol.adopt(firmware)


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
    ironic.stop()
    bmc.stop()
    board.stop()
    members.stop()
    libvirt.stop()
    nfs.stop()
    network.stop()
    disk.unmount(places.lab.MOUNTS)
    for name in layout.stale_loops():
        running.works('partx', '--delete', name)
        running.works('losetup', '-d', name)
    machine.remove()
    for folder in (places.lab.MOUNTS, places.LIBVIRT, places.TFTP,
                   places.WEB, places.LOGS, places.STATE / 'nfs',
                   bmc.FOLDER, ironic.FOLDER):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (places.lab.INVENTORY, network.SETTINGS, nfs.SETTINGS,
                 network.LEASES, nfs.PID, ironic.CLOUDS):
        path.unlink(missing_ok=True)


def health():
    """Give the state of each part, and what is wrong, as plain data."""
    there = bridge.exists()
    report = {name: there and bool(well()) for name, well in SERVERS.items()}
    report['machine'] = libvirt.state() if report['libvirt'] else 'gone'
    report['ssh'] = (report['machine'] == 'running'
                     and cluster.answers(places.NODE))
    report['node'] = enrol.state() if report['ironic'] else None
    wrong = [f'{name} is down' for name in ('network', 'nfs', 'libvirt')
             if not report[name]]
    if report['machine'] != 'running':
        wrong.append(f'the machine is {report["machine"]}')
    elif not report['ssh']:
        wrong.append('the machine does not answer SSH')
    elif members.exist():
        wrong += members.wrong()
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
    for name in SERVERS:
        print(f'{name:12}  {"well" if report[name] else "down"}')
    if report['node']:
        print(f'{enrol.NAME}  {enrol.NODE}  {report["node"]}')
    for complaint in report['complaints']:
        print(f'not well: {complaint}')
    print('all is well' if report['well'] else 'the lab is not well')
    return report['well']
