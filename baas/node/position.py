# SPDX-License-Identifier: Apache-2.0
"""How far the Galera data of this node had come when it ended."""
import re

from baas.node import command
from baas.node import failure
from baas.node import galera
from baas.node import hold
from baas.node import image

_FOUND = re.compile(r'WSREP: Recovered position:?\s*([0-9a-f-]{36}):(-?\d+)')
# InnoDB repairs itself on the way, which takes as long as its log is.
_SECONDS = 1800


def position(request):
    """Tell the last transaction of a member that is not running.

    :returns: {'galera': {'uuid', 'seqno', 'safe': bool}}; None in place of
        it where systemd does not start a Galera server: a cluster manager
        asks the members itself.
    :raises failure.NodeError: the data does not tell.
    """
    if not image.is_galera('/') or not hold.enabled(galera.SERVERS):
        return {'galera': None}
    kept = galera.saved()
    found = {'uuid': kept.get('uuid', galera.UNKNOWN),
             'seqno': int(kept.get('seqno', '-1')),
             'safe': kept.get('safe_to_bootstrap') == '1'}
    if found['uuid'] == galera.UNKNOWN or found['seqno'] < 0:
        request.tell(task='asking the database how far it had come')
        found['uuid'], found['seqno'] = _recovered()
    return {'galera': found}


def _recovered():
    server = command.find('mariadbd', 'mysqld')
    hint = 'Run mariadbd --wsrep-recover on the node and see what it says.'
    if not server:
        raise failure.NodeError(
            'There is no mariadbd to ask how far the database had come.',
            hint)
    status, out, said = command.attempt(
        [server, '--user=mysql', '--wsrep-recover', '--disable-log-error'],
        _SECONDS)
    found = read(said + out)
    if status or found is None:
        raise failure.NodeError(
            'The database does not tell how far it had come: %s.'
            % command.last_line(said), hint)
    return found


def read(text):
    """Find a position in what the server says.

    :returns: (uuid, seqno) or None.
    """
    found = _FOUND.findall(text)
    return (found[-1][0], int(found[-1][1])) if found else None
