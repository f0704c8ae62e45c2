"""What services are set to: the files below /etc/kolla, and what is in volumes from the start."""

import base64
import hashlib
import json
import os

from container_lab import cluster, clusterfiles, places
from container_lab.containers import passwords, store
from container_lab.files import put
from container_lab.running import LabError

INTERNAL = f'{places.NETWORK}.101'  # the address of the internal network; places.VIP is the external one
VOLUMES = ('mariadb rabbitmq keystone_fernet_tokens ovn_nb_db ovn_sb_db haproxy_socket kolla_logs').split()
AGENT = 'neutron-ovn-metadata-agent'
WRITERS = ('nova-api', 'nova-scheduler', 'fluentd')
_ENGINES = {'controller-0': 'podman', 'controller-1': 'podman', 'controller-2': 'docker'}
_PLACES = {'podman': 'var/lib/containers/storage/volumes', 'docker': 'var/lib/docker/volumes'}
_ADDRESS = 'wsrep_cluster_address=gcomm://'

_DATABASE = '''[client]
default-character-set=utf8

[mysqld]
basedir=/usr
bind-address={address}
port=3306
log_error=/var/log/kolla/mariadb/mariadb.log
binlog_format=ROW
default-storage-engine=innodb
innodb_autoinc_lock_mode=2
datadir=/var/lib/mysql/
{members}
wsrep_provider_options=gmcast.listen_addr=tcp://{address}:4567;ist.recv_addr={address}:4568;gcache.size=32M;{patience}
wsrep_node_address={address}:4567
wsrep_sst_receive_address={address}:4444
wsrep_provider=/usr/lib/galera/libgalera_smm.so
wsrep_cluster_name="openstack"
wsrep_node_name={name}
wsrep_sst_method=rsync
wsrep_sst_auth=root:{root}
wsrep_on = ON
innodb_buffer_pool_size = 64M
innodb_log_file_size = 16M
performance_schema = OFF
skip_name_resolve = ON

[server]
pid-file=/var/lib/mysql/mariadb.pid
'''
_RABBIT = '''listeners.tcp.1 = {address}:5672
cluster_partition_handling = pause_minority
loopback_users.guest = false
log.console = false
vm_memory_high_watermark.absolute = 256MB
cluster_formation.peer_discovery_backend = rabbit_peer_discovery_classic_config
{nodes}
'''
_RABBIT_ENVIRONMENT = '''RABBITMQ_NODENAME=rabbit@{name}
RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none -kernel inet_dist_use_interface {interface}"
'''
_KEYSTONE = '''[DEFAULT]
use_stderr = true
log_dir = /var/log/kolla/keystone
[database]
connection = mysql+pymysql://keystone:{password}@{internal}/keystone?connect_timeout=5&read_timeout=20
max_pool_size = 2
max_overflow = 4
[cache]
enabled = false
[token]
provider = fernet
[fernet_tokens]
key_repository = /etc/keystone/fernet-keys
[credential]
key_repository = /etc/keystone/credential-keys
'''
_LAB = '''[database]
host = {internal}
user = service
password = {password}
[broker]
host = {address}:5672
user = guest
password = guest
'''


def engine(node):
    """Return the engine that runs the containers of a controller."""
    return _ENGINES[node.name]


def write(root, node, secrets):
    """Write all of a controller."""
    _write_database(root, node)
    _write_rabbit(root, node, secrets)
    _write_keystone(root, node, secrets)
    for service in WRITERS:
        _write_lab(root, node, service)
    put(root, f'etc/kolla/{AGENT}/lab-agent', (store.SCRIPTS / 'lab-agent').read_text(), 0o755)
    for name in VOLUMES:
        _volume(root, node, name).mkdir(parents=True, exist_ok=True)


def config(root, folder, command, files=(), permissions=()):
    """Write what the image of a container does when it starts.

    :param files: of its folder, as (name, where to, owner, mode).
    :param permissions: folders and their owners.
    """
    put(root, f'etc/kolla/{folder}/config.json', json.dumps({
        'command': command, 'directories': [{'path': path, 'owner': owner} for path, owner in permissions],
        'permissions': [{'path': path, 'owner': owner, 'recurse': True} for path, owner in permissions],
        'config_files': [{'source': f'/var/lib/kolla/config_files/{name}', 'dest': where, 'owner': owner, 'perm': mode}
                         for name, where, owner, mode in files]}, indent=2) + '\n')


def end_bootstrap():
    """Tell the member that has started the cluster who the others are, as a deployment does once they are there."""
    first = places.CONTROLLERS[0]
    script = f"sed -i 's|^{_ADDRESS}$|{_members()}|' /etc/kolla/mariadb/galera.cnf && echo told"
    if cluster.ssh(first, script) != 'told\n':
        raise LabError(f'{first.name} could not be told of the other members', 'see `tools/lab status`')


def _members():
    return _ADDRESS + ','.join(f'{node.address}:4567' for node in places.CONTROLLERS)


def _volume(root, node, name):
    return root / _PLACES[engine(node)] / name / '_data'


def _write_database(root, node):
    first = node == places.CONTROLLERS[0]
    put(root, 'etc/kolla/mariadb/galera.cnf', _DATABASE.format(
        address=node.address, name=node.name, root=passwords.ROOT, patience=clusterfiles.PATIENCE.replace(' ', ''),
        members=_ADDRESS if first else _members()), 0o600)
    config(root, 'mariadb', '/usr/bin/mariadbd-safe', [('galera.cnf', '/etc/mysql/my.cnf', 'mysql', '0600')], [
        ('/var/log/kolla/mariadb', 'mysql:mysql'), ('/var/lib/mysql', 'mysql:mysql'), ('/run/mysqld', 'mysql:mysql')])
    place = _volume(root, node, 'mariadb')
    place.parent.mkdir(parents=True, exist_ok=True)
    os.rename(root / 'var/lib/mysql', place)


def _write_rabbit(root, node, secrets):
    interface = '{' + node.address.replace('.', ',') + '}'
    nodes = '\n'.join(f'cluster_formation.classic_config.nodes.{number} = rabbit@{one.name}'
                      for number, one in enumerate(places.CONTROLLERS, 1))
    put(root, 'etc/kolla/rabbitmq/rabbitmq.conf', _RABBIT.format(address=node.address, nodes=nodes))
    put(root, 'etc/kolla/rabbitmq/rabbitmq-env.conf', _RABBIT_ENVIRONMENT.format(name=node.name, interface=interface))
    put(root, 'etc/kolla/rabbitmq/erlang.cookie', secrets['cookie'], 0o600)
    config(root, 'rabbitmq', '/usr/sbin/rabbitmq-server', [
        ('rabbitmq.conf', '/etc/rabbitmq/rabbitmq.conf', 'rabbitmq', '0600'),
        ('rabbitmq-env.conf', '/etc/rabbitmq/rabbitmq-env.conf', 'rabbitmq', '0600'),
        ('erlang.cookie', '/var/lib/rabbitmq/.erlang.cookie', 'rabbitmq', '0400')], [
            ('/var/lib/rabbitmq', 'rabbitmq:rabbitmq'), ('/var/log/rabbitmq', 'rabbitmq:rabbitmq')])


def _write_keystone(root, node, secrets):
    put(root, 'etc/kolla/keystone/keystone.conf', _KEYSTONE.format(
        password=passwords.SERVICE, internal=INTERNAL), 0o600)
    put(root, 'etc/kolla/keystone/keystone.wsgi', (store.SCRIPTS / 'keystone.wsgi').read_text())
    command = (f'/usr/bin/uwsgi --plugin python3 --http-socket {node.address}:5000 --master --processes 1 --threads 4 '
               '--need-app --uid keystone --gid keystone --die-on-term --disable-logging --buffer-size 65535 '
               '--wsgi-file /var/lib/kolla/config_files/keystone.wsgi')
    config(root, 'keystone', command, [('keystone.conf', '/etc/keystone/keystone.conf', 'keystone', '0600')], [
        ('/var/log/kolla/keystone', 'keystone:keystone'), ('/etc/keystone/fernet-keys', 'keystone:keystone')])
    for number in (0, 1):
        key = hashlib.sha256(f'{secrets["cookie"]}/fernet/{number}'.encode()).digest()
        put(root, f'{_volume(root, node, "keystone_fernet_tokens").relative_to(root)}/{number}',
            base64.urlsafe_b64encode(key), 0o600)


def _write_lab(root, node, service):
    name = service.replace('-', '_')
    more = {'nova-api': ' database', 'nova-scheduler': ' database broker'}.get(service, '')
    put(root, f'etc/kolla/{service}/lab.conf', _LAB.format(
        internal=INTERNAL, address=node.address, password=passwords.SERVICE), 0o600)
    put(root, f'etc/kolla/{service}/lab-writer', (store.SCRIPTS / 'lab-writer').read_text(), 0o755)
    config(root, service, f'python3 /var/lib/kolla/config_files/lab-writer {name} /var/log/kolla/{name}{more}', [
        ('lab.conf', '/etc/lab/lab.conf', 'root', '0600')])
