"""Where everything of the lab lives: folders, nodes, addresses."""

import dataclasses
import os
import pathlib
import uuid

STATE = pathlib.Path(os.environ.get('BAAS_LAB_DIR', '/var/lib/baas-lab'))
# Outlives `down`.
CACHE = pathlib.Path(os.environ.get('BAAS_LAB_CACHE', STATE / 'cache'))
SSH = STATE / 'ssh'              # outlives `down`; host keys are renewed by every `up`
DISKS = STATE / 'disks'
MOUNTS = STATE / 'mounts'
MACHINES = STATE / 'machines'    # pid files, console logs, what to boot next
SHARED = STATE / 'shared'        # seen by the nodes at this very path
INVENTORY = STATE / 'inventory.yaml'
DATABASE = STATE / 'lab-db.cnf'
SHAPE = STATE / 'shape'          # the shape of the lab that is up

# The bare-metal lab runs the same machines on a network of its own.
BRIDGE = os.environ.get('BAAS_LAB_BRIDGE', 'baas-lab0')
NETWORK = os.environ.get('BAAS_LAB_NETWORK', '172.31.77')
HOST = f'{NETWORK}.1'
# What stands for "controller" in names that must differ between two labs on one host.
BADGE = os.environ.get('BAAS_LAB_BADGE', 'controller')
_OTHERS = {'undercloud': 'uc', 'storage-0': 'st'}  # a network link has room for 15 letters
# How many times longer than a container a machine may take to answer.
SLOWNESS = int(os.environ.get('BAAS_LAB_SLOWNESS', '1'))
VIP = f'{NETWORK}.100'
ADMIN = 'tripleo-admin'
GIB = 1 << 30

_NAMES = uuid.UUID('6ba7b811-9dad-11d1-80b4-00c04fd430c8')


@dataclasses.dataclass(frozen=True)
class Node:
    """One machine of the lab."""

    name: str
    address: str
    role: str

    @property
    def disk(self):
        """The image that is the machine's only disk."""
        return DISKS / f'{self.name}.img'

    @property
    def root(self):
        """Where the disk is mounted while the machine is on."""
        return MOUNTS / self.name

    @property
    def folder(self):
        """Pid file, console log and flags of the machine."""
        return MACHINES / self.name

    @property
    def machine(self):
        """What systemd-nspawn and control groups call it."""
        if BADGE == 'controller':
            return self.name
        return f'{BADGE}-{_OTHERS[self.name]}' if self.name in _OTHERS else self.name.replace('controller', BADGE)

    @property
    def link(self):
        """The host's end of the machine's network cable."""
        return f'vb-{self.machine}'

    def identity(self, what):
        """Return an id of this node that is the same in every lab."""
        return str(uuid.uuid5(_NAMES, f'baas-lab/{what}/{self.name}'))


NODES = {node.name: node for node in (
    Node('controller-0', f'{NETWORK}.10', 'controller'),
    Node('controller-1', f'{NETWORK}.11', 'controller'),
    Node('controller-2', f'{NETWORK}.12', 'controller'),
    Node('undercloud', f'{NETWORK}.5', 'undercloud'),
    Node('storage-0', f'{NETWORK}.20', 'storage'),
)}
CONTROLLERS = [node for node in NODES.values() if node.role == 'controller']
STORAGE_DATA = DISKS / 'storage-0-data.img'
STORAGE_MOUNT = MOUNTS / 'storage-0-data'
