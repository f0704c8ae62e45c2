# SPDX-License-Identifier: Apache-2.0
"""The machine as libvirt is to build it."""
import shutil

from baremetal_lab import places
from baremetal_lab import qemu

SEABIOS = '/usr/share/seabios/bios-256k.bin'
OVMF = '/usr/share/OVMF/OVMF_CODE_4M.fd'
OVMF_EMPTY = '/usr/share/OVMF/OVMF_VARS_4M.fd'
VARIABLES = places.MACHINE / 'nvram.fd'  # what UEFI remembers
# The same in every lab: what is registered for it elsewhere stays true.
UUID = places.NODE.identity('domain')
MEMORY = 1536  # MiB
# Westmere with the instructions for SHA: what encrypts and hashes here as it
# does on a server. The wide registers of younger ones are slow to emulate.
_TCG = ("<features><acpi/><apic/><tcg><tb-cache unit='MiB'>512</tb-cache>"
        '</tcg></features>', "<cpu mode='custom' match='exact' check='none'>"
        "<model fallback='forbid'>Westmere</model>"
        "<feature policy='require' name='pclmuldq'/>"
        "<feature policy='require' name='sha-ni'/></cpu>")
_KVM = ('<features><acpi/><apic/></features>',
        "<cpu mode='host-passthrough'/>")
_DISK = '''<disk type='file' device='disk'>
<driver name='qemu' type='raw' cache='unsafe' discard='unmap'/>
<source file='{file}'/><target dev='vd{letter}' bus='virtio'/>
<serial>{serial}</serial></disk>'''
_MEDIUM = '''<disk type='file' device='cdrom'>
<driver name='qemu' type='raw'/><source file='{file}'/>
<target dev='hda' bus='ide'/><readonly/></disk>'''
_CARD = '''<interface type='bridge'><source bridge='{bridge}'/>
<mac address='{mac}'/><target dev='{tap}'/><model type='virtio'/>
</interface>'''
_DOMAIN = '''<domain type='{kind}'>
<name>{node.name}</name><uuid>{uuid}</uuid>
<memory unit='MiB'>{memory}</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type>{loader}
<boot dev='hd'/>{drive}<boot dev='network'/></os>
{features}{cpu}<clock offset='utc'/>
<on_poweroff>destroy</on_poweroff><on_reboot>destroy</on_reboot>
<on_crash>destroy</on_crash>
<devices><emulator>{emulator}</emulator>
{disks}
{cards}
<serial type='unix'><source mode='bind' path='{console}'/>
<log file='{log}' append='on'/><target port='0'/></serial>
<video><model type='vga'/></video>
<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
<memballoon model='none'/>
</devices></domain>
'''


def text(firmware, disks, kvm, board=1, medium=None):
    """Give the definition of the machine (str: XML).

    :param firmware: ``bios`` or ``uefi``.
    :param disks: how many disks it has.
    :param kvm: whether the processor is the host's own.
    :param board: 1, or 2 for another mainboard with other network cards.
    :param medium: path of the ISO image in its drive; None for no drive.
    """
    features, cpu = _KVM if kvm else _TCG
    loader = f"<loader type='rom'>{SEABIOS}</loader>"
    if firmware == 'uefi':
        loader = (f"<loader readonly='yes' type='pflash'>{OVMF}</loader>"
                  f'<nvram>{VARIABLES}</nvram>')
    return _DOMAIN.format(
        kind='kvm' if kvm else 'qemu', node=places.NODE, uuid=UUID,
        memory=MEMORY, loader=loader, features=features, cpu=cpu,
        emulator=qemu.WRAPPER, cards='\n'.join(
            _card(number, mac) for number, mac in enumerate(
                (places.MAC,) if board == 1 else places.OTHER_MACS)),
        console=places.CONSOLE, log=places.CONSOLE_LOG,
        drive="<boot dev='cdrom'/>" if medium else '', disks='\n'.join(
            [_disk(number) for number in range(disks)]
            + ([_MEDIUM.format(file=medium)] if medium else [])))


def forget_firmware():
    """Make UEFI forget what it remembers, as a new mainboard would."""
    shutil.copy(OVMF_EMPTY, VARIABLES)


def _card(number, mac):
    tap = places.TAP if not number else f'{places.TAP[:-1]}{"abc"[number]}'
    return _CARD.format(bridge=places.lab.BRIDGE, mac=mac, tap=tap)


def _disk(number):
    return _DISK.format(file=places.disk(number), letter='abcdefgh'[number],
                        serial=f'baas-metal-{number}')
