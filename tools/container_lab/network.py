"""The bridge all machines hang on, and their cables."""

import pathlib

from container_lab import places
from container_lab.running import LabError, run, works


def create():
    """Make the bridge; it leads nowhere but to the machines."""
    if not pathlib.Path('/sys/class/net', places.BRIDGE).exists():
        run('ip', 'link', 'add', places.BRIDGE, 'type', 'bridge', 'forward_delay', '0')
    run('ip', 'address', 'replace', f'{places.HOST}/24', 'dev', places.BRIDGE)
    run('ip', 'link', 'set', places.BRIDGE, 'up')


def remove():
    """Take the bridge and cables a killed machine may have left away."""
    for node in places.NODES.values():
        # The machine of another lab may have the same name.
        bridge = pathlib.Path('/sys/class/net', node.link, 'master')
        if not bridge.exists() or bridge.resolve().name == places.BRIDGE:
            works('ip', 'link', 'delete', node.link)
    works('ip', 'link', 'delete', places.BRIDGE)


def exists():
    """Tell whether the bridge is there."""
    return pathlib.Path('/sys/class/net', places.BRIDGE).exists()


def cut(node):
    """Pull the machine's network cable; it stays out through reboots."""
    _need(node)
    (node.folder / 'cut').touch()
    run('ip', 'link', 'set', node.link, 'down')


def mend(node):
    """Plug the machine's network cable in again."""
    _need(node)
    (node.folder / 'cut').unlink(missing_ok=True)
    run('ip', 'link', 'set', node.link, 'up')


def _need(node):
    if not pathlib.Path('/sys/class/net', node.link).exists():
        raise LabError(f'{node.name} has no network link, the machine is off', 'see `tools/lab status`')
