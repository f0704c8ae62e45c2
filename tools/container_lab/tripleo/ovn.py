"""The databases of OVN: a Raft of three in containers of units, and northd; or the bundle of older releases."""

from container_lab import places
from container_lab.tripleo import ovn_bundle
from container_lab.tripleo.units import Container

_QUESTIONS = '''
ask() {
 timeout 8 podman exec ovn_cluster_$1_db_server ovs-appctl -t /run/ovn/ovn$2_db.ctl cluster/status $3 |
  awk -v name=$3 '/^Role:/ {role = $2} /^Servers:/ {counts = 1; next} counts {peers++}
                  END {print name, role, peers}'
}
ask north nb OVN_Northbound; ask south sb OVN_Southbound
'''
_PORTS = {'nb': (6641, 6643), 'sb': (6642, 6644)}


def containers(node):
    """Return those of one controller that units own."""
    if ovn_bundle.is_wanted():
        return []
    found = [Container(f'ovn_cluster_{word}_db_server', f'ovn-{kind}-db-server', _server(node, kind), step=4,
                       volumes=ovn_bundle.FOLDERS) for kind, word in (('nb', 'north'), ('sb', 'south'))]
    links = [f'--ovn{kind}-db=' + ','.join(f'tcp:{one.address}:{ports[0]}' for one in places.CONTROLLERS)
             for kind, ports in _PORTS.items()]
    return [*found, Container('ovn_cluster_northd', 'ovn-northd', (
        'ovn-northd', '-vconsole:warn', '--pidfile=/run/ovn/ovn-northd.pid', *links), step=4, volumes=ovn_bundle.FOLDERS)]


def questions():
    """Return a script that prints of each database its name, and how its server here is."""
    return ovn_bundle.QUESTIONS if ovn_bundle.is_wanted() else _QUESTIONS


def _server(node, kind):
    first = places.CONTROLLERS[0]
    words = ['/usr/share/ovn/scripts/ovn-ctl', f'run_{kind}_ovsdb', f'--db-{kind}-addr={node.address}',
             f'--db-{kind}-cluster-local-addr={node.address}', f'--db-{kind}-create-insecure-remote=yes']
    if node != first:
        words.append(f'--db-{kind}-cluster-remote-addr={first.address}')
    return tuple(words)
