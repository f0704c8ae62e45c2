"""The databases of OVN: a Raft of three in containers of units, and northd."""

from container_lab import places
from container_lab.tripleo.units import Container

# Files of the databases, their sockets and their process ids are all in one folder of the host.
_FOLDER = '/var/lib/openvswitch/ovn'
_VOLUMES = tuple(f'{_FOLDER}:{path}' for path in ('/run/ovn', '/etc/ovn', '/var/lib/ovn')) + (
    '/var/log/containers/openvswitch:/var/log/ovn',)
_PORTS = {'nb': (6641, 6643), 'sb': (6642, 6644)}


def containers(node):
    """Return those of one controller."""
    found = [Container(f'ovn_cluster_{word}_db_server', f'ovn-{kind}-db-server', _server(node, kind), step=4,
                       volumes=_VOLUMES) for kind, word in (('nb', 'north'), ('sb', 'south'))]
    links = [f'--ovn{kind}-db=' + ','.join(f'tcp:{one.address}:{ports[0]}' for one in places.CONTROLLERS)
             for kind, ports in _PORTS.items()]
    return [*found, Container('ovn_cluster_northd', 'ovn-northd', (
        'ovn-northd', '-vconsole:warn', '--pidfile=/run/ovn/ovn-northd.pid', *links), step=4, volumes=_VOLUMES)]


def _server(node, kind):
    first = places.CONTROLLERS[0]
    words = ['/usr/share/ovn/scripts/ovn-ctl', f'run_{kind}_ovsdb', f'--db-{kind}-addr={node.address}',
             f'--db-{kind}-cluster-local-addr={node.address}', f'--db-{kind}-create-insecure-remote=yes']
    if node != first:
        words.append(f'--db-{kind}-cluster-remote-addr={first.address}')
    return tuple(words)
