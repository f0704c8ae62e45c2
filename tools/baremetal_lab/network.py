# SPDX-License-Identifier: Apache-2.0
"""The lab's network: addresses by DHCP, boot files by TFTP and HTTP."""
import shutil
import sys

from baremetal_lab import daemons
from baremetal_lab import places
from baremetal_lab import stranger
from container_lab import network
from container_lab import running

HOST = places.lab.HOST
KINDS = ('ipxe', 'pxelinux', 'stranger')
SETTINGS = places.STATE / 'dnsmasq.conf'
LEASES = places.STATE / 'dhcp.leases'
# iPXE says so with option 175; 7 and 9 are UEFI machines.
_DNSMASQ = '''port=0
interface={bridge}
bind-interfaces
except-interface=lo
no-resolv
no-hosts
user=root
log-dhcp
log-facility=-
dhcp-authoritative
dhcp-leasefile={leases}
dhcp-range={network}.150,{network}.199,255.255.255.0,1h
dhcp-host={macs},{address},{name}
# Nothing leads out of here.
dhcp-option=option:router
dhcp-option=option:dns-server
enable-tftp
tftp-root={tftp}
dhcp-match=set:ipxe,175
dhcp-match=set:efi,option:client-arch,7
dhcp-match=set:efi,option:client-arch,9
dhcp-boot=tag:!ipxe,tag:efi,snponly.efi
dhcp-boot=tag:!ipxe,tag:!efi,undionly.kpxe
'''
_BOOT = {'ipxe': f'dhcp-boot=tag:ipxe,{places.WEB_URL}/boot.ipxe\n',
         'pxelinux': 'dhcp-boot=tag:ipxe,tag:!efi,lpxelinux.0\n'
                     f'dhcp-boot=tag:ipxe,tag:efi,{places.WEB_URL}'
                     '/boot.ipxe\n'}
# Who asks has long taken what the other server offers.
_BOOT['stranger'] = _BOOT['pxelinux'] + 'dhcp-reply-delay=20\n'
_LOADERS = ('/usr/lib/ipxe/undionly.kpxe', '/usr/lib/ipxe/snponly.efi',
            '/usr/lib/PXELINUX/lpxelinux.0',
            '/usr/lib/syslinux/modules/bios/ldlinux.c32')


def start(kind):
    """Make the bridge and serve DHCP, TFTP and HTTP on it.

    :param kind: what a machine that boots from the network gets: ``ipxe``
        (the script ``boot.ipxe`` of the web folder, as Ironic writes it),
        ``pxelinux`` (``pxelinux.cfg`` of the TFTP folder) or ``stranger``
        (as ``pxelinux``, but a server that nobody wanted answers first).
    """
    network.create()
    for folder in (places.TFTP, places.WEB, places.EXPORT):
        folder.mkdir(parents=True, exist_ok=True)
    for loader in _LOADERS:
        shutil.copy(loader, places.TFTP)
    text = _DNSMASQ.format(
        bridge=places.lab.BRIDGE, leases=LEASES, tftp=places.TFTP,
        network=places.lab.NETWORK,
        macs=f'{places.MAC},{places.OTHER_MACS[0]}',
        address=places.NODE.address, name=places.NODE.name) + _BOOT[kind]
    if not SETTINGS.exists() or SETTINGS.read_text() != text:
        daemons.stop('dnsmasq')
        SETTINGS.write_text(text)
    daemons.start('dnsmasq', ['dnsmasq', '--keep-in-foreground',
                              f'--conf-file={SETTINGS}'])
    if kind == 'stranger':
        stranger.start()
    else:
        stranger.stop()
    daemons.start('web', [sys.executable, '-m', 'http.server', '--bind', HOST,
                          '--directory', places.WEB, places.WEB_PORT])
    running.wait_for('DHCP and HTTP', well, 10, daemons.log_of('dnsmasq'))


def well():
    """Tell whether DHCP, TFTP and HTTP are served."""
    return bool(daemons.processes('dnsmasq')) and running.works(
        'bash', '-c', f'exec 3<>/dev/tcp/{HOST}/{places.WEB_PORT}')


def stop():
    """Stop serving, and take the bridge away."""
    daemons.stop('dnsmasq')
    daemons.stop('web')
    stranger.stop()
    network.remove()
