"""What one does to a machine: log in, reboot it, lose it, rescue it, cut its cable."""

import os

from container_lab import disk, keys, machine, network, places, rescue
from container_lab.running import LabError, progress, wait_for, works


def shell(node, command):
    """Log in to a machine, as root in the rescue system, and run a command there if there is one."""
    if machine.state(node) == 'rescue':
        words = keys.command(node, 'root', 'rescue_known_hosts')
    else:
        words = keys.command(node)
    os.execvp('ssh', [*words, *([] if command else ['-t']), *command])


def reboot(node, at_once=False):
    """Reboot a machine in good order, or at once, and wait until it can be logged in to."""
    if machine.state(node) == 'off':
        raise LabError(f'{node.name} is off', 'switch the lab on with `tools/lab up`')
    machine.reboot(node, at_once)
    words = keys.command(node) if machine.state(node) == 'disk' else _rescue_login(node)
    if not (node.folder / 'cut').exists():
        _wait_for_login(node, words)
    progress(f'{node.name} has rebooted and runs from {machine.state(node)}')


def reset(node):
    """Reboot a machine as its reset button does, and wait until it can be logged in to."""
    reboot(node, at_once=True)


def wreck(node):
    """Cut the power of a machine and put a blank disk in the place of its own."""
    if not node.disk.exists():
        raise LabError(f'{node.name} has no disk', 'bring the lab up with `tools/lab up`')
    was = machine.state(node)
    size = node.disk.stat().st_size
    machine.power_off(node, lose_disk=True)
    disk.blank(node.disk, size)
    (node.folder / 'installed').unlink(missing_ok=True)
    print(f'{node.name}: power cut (it was {was}), disk replaced by a blank one of {size >> 30} GiB')


def start_rescue(node):
    """Start the rescue system on a machine and wait until it can be logged in to."""
    if node.role == 'storage':
        raise LabError('the storage node has no rescue system', 'bring it back with `tools/lab up`')
    if not node.disk.exists() or not network.exists():
        raise LabError(f'{node.name} has no disk or no network', 'bring the lab up with `tools/lab up`')
    if machine.state(node) == 'rescue':
        progress(f'{node.name} runs the rescue system already')
        return
    machine.power_off(node)
    machine.start(node, rescue_first=True)
    _wait_for_login(node, _rescue_login(node))
    print(rescue.describe(node))


def cut(node):
    """Pull the network cable of a machine."""
    network.cut(node)
    print(f'{node.name}: network cut')


def mend(node):
    """Plug the network cable of a machine in again."""
    network.mend(node)
    print(f'{node.name}: network mended')


def find(name):
    """Return the node of that name."""
    try:
        return places.NODES[name]
    except KeyError:
        raise LabError(f'there is no node {name}', f'name one of {" ".join(places.NODES)}') from None


def _rescue_login(node):
    return keys.command(node, 'root', 'rescue_known_hosts')


def _wait_for_login(node, words):
    wait_for(f'a login to {node.name}', lambda: works(*words, 'true'), 60, f'see {node.folder}/console.log')
