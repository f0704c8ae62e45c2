# SPDX-License-Identifier: Apache-2.0
"""Services that go on running while a node is quiesced."""
import fnmatch

from baas.node.cluster import galera
from baas.node.coverage import gaps
from baas.node.services import base
from baas.node.services import control_groups
from baas.node.system import systemd

_CHECKS = '[0-9a-f]' * 64 + '.*'
"""Health checks of containers, which have a name of their own each."""
_ASKED = ('Id', 'Type', 'RemainAfterExit', 'Transient', 'DropInPaths')


def look(mode, quiesced, unknown):
    """Find the services that are not quiesced.

    :param mode: ``stop`` or ``freeze``.
    :param quiesced: names of what would be (list of str).
    :param unknown: what is to be and is not known here (list of str).
    :returns: list of gaps.
    :raises errors.Unknown: systemd does not tell.
    """
    found = [gaps.gap('service', name, 'unknown',
                      'This node does not have it.', True)
             for name in unknown]
    names = [name for name in systemd.running()
             if name.endswith('.service') and name not in quiesced
             and not fnmatch.fnmatchcase(name, _CHECKS)]
    shown = systemd.show([name for name in names
                          if not systemd.is_protected(name)], _ASKED)
    return found + [
        one for name in names
        for one in _of(name, mode, quiesced, shown.get(name))]


def none_is():
    """Give the gap of a backup for which nothing is quiesced."""
    return gaps.gap(
        'service', '*', 'asked',
        'No service was quiesced (stopall=no): files are as they would be '
        'after a power cut.', True)


def _of(name, mode, quiesced, values):
    glob = next((one for one in systemd.PROTECTED
                 if fnmatch.fnmatchcase(name, one)), None)
    if glob:
        yield gaps.gap('service', glob, 'protected',
                       'It is never stopped: the way in, the system, or what '
                       'keeps a cluster alive.', True)
    elif mode == base.FREEZE and any(fnmatch.fnmatchcase(name, one)
                                     for one in control_groups.STILL):
        yield _still(name, quiesced)
    elif not _passes(values):
        yield gaps.gap('service', gaps.stable(name), 'unlisted',
                       '[quiesce] units does not name it: what it writes '
                       'meanwhile may be in the backup in part.')


def _still(name, quiesced):
    if name in galera.SERVERS and 'database' in quiesced:
        return gaps.gap('service', name, 'locked',
                        'It is locked and not frozen.', True)
    return gaps.gap('service', name, 'running',
                    'It goes on running in a freeze, so that no member of '
                    'the cluster is fenced.', True)


def _passes(values):
    """Tell whether a unit ends by itself, or stops with Pacemaker."""
    return (values.get('Transient') == 'yes'
            or (values.get('Type'), values.get('RemainAfterExit'))
            == ('oneshot', 'no')
            or 'pacemaker' in values.get('DropInPaths', ''))
