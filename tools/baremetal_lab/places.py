# SPDX-License-Identifier: Apache-2.0
"""Where the parts of the bare-metal lab live, and how they are reached."""
from container_lab import places as lab

STATE = lab.STATE
NODE = lab.NODES['controller-0']      # the one virtual machine
MAC = '52:54:00:78:00:10'
# Of another mainboard: the second one is a card that the machine never had.
OTHER_MACS = ('52:54:00:78:00:20', '52:54:00:78:00:21')
TAP = 'bm-' + NODE.name               # the host's end of its cable
IMAGE = lab.CACHE / 'metal'           # disks with a system, by recipe
QEMU = lab.CACHE.parent / 'qemu'      # a newer QEMU, unpacked

MACHINE = STATE / 'machine'           # disks, firmware variables, console
CONSOLE_LOG = MACHINE / 'console.log'
CONSOLE = MACHINE / 'console.sock'
SETTINGS = MACHINE / 'settings.json'  # what `up` was asked for
LOGS = STATE / 'logs'
LIBVIRT = STATE / 'libvirt'
TFTP = STATE / 'tftp'
WEB = STATE / 'http'
EXPORT = STATE / 'backup'             # what the NFS server exports
WEB_PORT = 8088
WEB_URL = f'http://{lab.HOST}:{WEB_PORT}'
NFS_PATH = '/backup'


def disk(number):
    """Give the image of a disk of the machine, counted from 0."""
    return MACHINE / f'disk-{number}.img'
