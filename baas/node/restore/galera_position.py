# SPDX-License-Identifier: Apache-2.0
"""How far the Galera data of this node had come when it ended."""
import re

from baas.node.cluster import galera
from baas.node.cluster import galera_container
from baas.node import errors
from baas.node.restore import reset_state
from baas.node.restore import service_hold
from baas.node.system import command

_FOUND = re.compile(r'WSREP: Recovered position:?\s*([0-9a-f-]{36}):(-?\d+)')
# InnoDB repairs itself on the way, which takes as long as its log is.
_SECONDS = 1800


def galera_position(request):
    """Tell the last transaction of a member that is not running.

    :returns: {'galera': {'uuid', 'seqno', 'safe': bool}}; None in place of
        it where systemd does not start a Galera server: a cluster manager
        asks the members itself.
    :raises errors.NodeError: the data does not tell.
    """
    if not reset_state.is_galera('/') or (
            not service_hold.enabled(galera.SERVERS)):
        return {'galera': None}
    return {'galera': _kept(request)}


def _kept(request):  # pragma: no cover - tools/test faults runs it
    kept = galera.saved()
    found = {'uuid': kept.get('uuid', galera.UNKNOWN),
             'seqno': int(kept.get('seqno', '-1')),
             'safe': kept.get('safe_to_bootstrap') == '1'}
    if found['uuid'] == galera.UNKNOWN or found['seqno'] < 0:
        request.report(task='asking the database how far it had come')
        found['uuid'], found['seqno'] = _recovered()
    return found


def _recovered():
    path = command.find('mariadbd', 'mysqld')
    words = [path] if path else galera_container.server()
    hint = 'Run mariadbd --wsrep-recover on the node and see what it says.'
    if not words:
        raise errors.NodeError(
            'There is no mariadbd to ask how far the database had come.',
            hint)
    status, out, said = command.attempt(
        words + ['--user=mysql', '--wsrep-recover', '--disable-log-error'],
        _SECONDS)
    found = read(said + out)
    if status or found is None:
        raise errors.NodeError(
            'The database does not tell how far it had come: %s.'
            % command.last_line(said), hint)
    return found


def read(text):
    """Find a position in what the server says.

    :returns: (uuid, seqno) or None.
    """
    found = _FOUND.findall(text)
    return (found[-1][0], int(found[-1][1])) if found else None
