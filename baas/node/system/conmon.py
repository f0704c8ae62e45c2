# SPDX-License-Identifier: Apache-2.0
"""Monitors of containers (conmon) that outlive their own container.

What an agent starts from within its container, as those of Neutron start
dnsmasq and HAProxy, becomes a child of the agent's own monitor, which waits
for all of its children before it ends: see do_exit_command in conmon's
ctr_exit.c. Stopping the unit would last until its TimeoutStopSec, while there
is nothing more to stop."""
import contextlib
import os
import signal

from baas.node.system import cgroups
from baas.node.system import processes
from baas.node.system import systemd

_NAME = 'conmon'
# With it as the main process, and where that is one that waits for it, as in
# units of kolla-ansible.
_STEPS = ('stop-sigterm', 'final-sigterm')
_PATIENCE = 1


class Lingering:
    """Ends monitors that wait for other monitors alone, as systemd would when
    its time is over.

    :param clock: function that gives seconds.
    """

    def __init__(self, clock):
        self._clock = clock
        self._since = {}

    def look(self, units):
        """End those of units that systemd stops, whose stop commands are done
        and who have been seen so for a second.

        :param units: names (iterable).
        :raises errors.Unknown: systemd does not tell.
        """
        names = sorted(units)
        shown = systemd.show(names, ['SubState', 'MainPID', 'ControlGroup']) \
            if names else {}
        found = {pid for values in shown.values()
                 if values.get('SubState') in _STEPS
                 for pid in [int(values.get('MainPID') or 0)]
                 + cgroups.numbers(values.get('ControlGroup', ''))}
        now = self._clock()
        self._since = {pid: self._since.get(pid, now) for pid in found
                       if pid and _only_waits(pid)}
        for pid, since in self._since.items():
            if now >= since + _PATIENCE:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _only_waits(pid):
    if processes.name(pid) != _NAME:
        return False
    children = processes.children(pid)
    return bool(children) and all(
        processes.name(child) == _NAME for child in children)
