# SPDX-License-Identifier: Apache-2.0
"""Start units in an order in which they can, whatever one of them says."""
import sys

from baas.node.cluster import galera
from baas.node import errors
from baas.node.system import command
from baas.node.system import systemd
from baas.node.system import triggers

_STOP = 60  # seconds


def start(names, again=()):
    """Ask systemd to start units, a Galera server in the way it needs.

    One that systemd refuses keeps no other from being started.

    :param names: units.
    :param again: those of them that were asked for before.
    """
    for name in triggers.waking(names):
        try:
            if name in again and name.endswith('.socket'):
                _make_way(name)
            if not galera.start(name):
                systemd.act('start', [name])
        except errors.NodeError as error:
            print('%s %s' % (error.cause, error.hint), file=sys.stderr)


def _make_way(socket):
    """Restart the services that a socket is refused for: it cannot listen
    while one that something else has started runs without it."""
    services = [name for name in triggers.running([socket])[socket]
                if '@.' not in name and not systemd.is_protected(name)]
    active = [name for name, state in systemd.states(services).items()
              if state in systemd.RUNNING]
    if active:
        command.run(['systemctl', 'stop', '--'] + active,
                    'Look at systemctl status of %s.' % active[0], _STOP)
        systemd.act('start', [socket])
        systemd.act('start', active)
