"""Which containers a controller has."""

import uuid

from container_lab import places
from container_lab.containers import store
from container_lab.kolla import settings
from container_lab.kolla.units import Container

_PORTS = {'nb': (6641, 6643), 'sb': (6642, 6644)}
_OVN = ('/run/ovn:/run/ovn:shared',)
# Docker would give the whole set of capabilities, of which a machine of the lab itself lacks some.
_OPEN = {'podman': ('--privileged',), 'docker': (
    '--cap-add=NET_ADMIN', '--cap-add=SYS_ADMIN', '--cap-add=SYS_PTRACE', '--security-opt=seccomp=unconfined')}


def of_controller(node):
    """Return the containers of a controller."""
    open_ = _OPEN[settings.engine(node)]
    return [
        Container('mariadb', 'mariadb-server', 'mariadb', volumes=('mariadb:/var/lib/mysql',)),
        Container('rabbitmq', 'rabbitmq', 'rabbitmq', volumes=('rabbitmq:/var/lib/rabbitmq/',)),
        Container('haproxy', 'haproxy', 'haproxy', options=open_, volumes=('haproxy_socket:/var/lib/kolla/haproxy/',)),
        Container('keepalived', 'keepalived', 'keepalived', options=open_, volumes=(
            'haproxy_socket:/var/lib/kolla/haproxy/',)),
        Container('memcached', 'memcached', command=('memcached', '-u', 'nobody', '-m', '16', '-l', node.address)),
        Container('keystone', 'keystone', 'keystone', volumes=('keystone_fernet_tokens:/etc/keystone/fernet-keys',)),
        *(Container(name.replace('-', '_'), name, name) for name in settings.WRITERS),
        Container('cron', 'cron', command=('sleep', 'infinity')),
        Container('kolla_toolbox', 'kolla-toolbox', command=('sleep', 'infinity'), options=open_),
        # What its network may go through: it must run on, whatever is stopped.
        Container('openvswitch_vswitchd', 'openvswitch-vswitchd', command=('sleep', 'infinity'), options=open_),
        Container('bootstrap_keystone', 'keystone', owner='once', command=('bash', '-c', 'date >> /var/log/kolla/once')),
        *_ovn(node), _agent(node)]


def side(node):
    """Return the name of the container that an agent starts."""
    return f'neutron_metadata_haproxy-{_network(node)}'


def _network(node):
    return f'ovnmeta-{uuid.uuid5(uuid.NAMESPACE_DNS, node.name)}'


def _ovn(node):
    links = [f'--ovn{kind}-db=' + ','.join(f'tcp:{one.address}:{ports[0]}' for one in places.CONTROLLERS)
             for kind, ports in _PORTS.items()]
    found = [Container(f'ovn_{kind}_db', f'ovn-{kind}-db-server', command=_server(node, kind), volumes=(
        f'ovn_{kind}_db:/var/lib/openvswitch/ovn-{kind}/', *_OVN)) for kind in _PORTS]
    return [*found, Container('ovn_northd', 'ovn-northd', command=(
        'ovn-northd', '-vconsole:warn', '--pidfile=/run/ovn/ovn-northd.pid', *links), volumes=_OVN)]


def _server(node, kind):
    first = places.CONTROLLERS[0]
    words = ['/usr/share/ovn/scripts/ovn-ctl', f'run_{kind}_ovsdb', f'--db-{kind}-addr={node.address}',
             f'--db-{kind}-cluster-local-addr={node.address}', f'--db-{kind}-create-insecure-remote=yes',
             f'--db-{kind}-sock=/run/ovn/ovn{kind}_db.sock', f'--db-{kind}-pidfile=/run/ovn/ovn{kind}_db.pid',
             f'--db-{kind}-file=/var/lib/openvswitch/ovn-{kind}/ovn{kind}.db']
    if node != first:
        words.append(f'--db-{kind}-cluster-remote-addr={first.address}')
    return tuple(words)


def _agent(node):
    """Return the agent whose wrapper runs a container of its own, which is gone once it has stopped."""
    engine = settings.engine(node)
    return Container('neutron_ovn_metadata_agent', 'neutron-metadata-agent', settings.AGENT, command=(
        'python3', '/var/lib/kolla/config_files/lab-agent', 'neutron_metadata_haproxy', _network(node), '--rm'),
        options=(*_OPEN[engine], '--pid=host', '--env', f'LAB_ENGINE={engine}', '--env',
                 f'LAB_IMAGE={store.KOLLA_TAG.format("cron")}', '--env', f'LAB_OPTIONS={" ".join(_OPEN[engine])}'),
        volumes=('/run/netns:/run/netns:shared',))
