"""What services in containers are set to: files of the host that Kolla's start copies into them."""

import base64
import hashlib
import json

from container_lab import clusterfiles, places
from container_lab.containers import passwords
from container_lab.files import put

GENERATED = 'var/lib/config-data/puppet-generated'
KOLLA = 'var/lib/kolla/config_files'
INTERNAL = f'{places.NETWORK}.101'  # the address of the internal network; places.VIP is the public one
DOMAIN = 'internalapi.localdomain'

_CLIENT = '''[client]
user=root
password={password}
socket=/var/lib/mysql/mysql.sock
'''
_MYSQL = '''[client]
socket = /var/lib/mysql/mysql.sock
[mariadbd]
socket = /var/lib/mysql/mysql.sock
pid_file = /run/mysqld/mysqld.pid
'''
_CHECK = '''MYSQL_USERNAME=clustercheck
MYSQL_PASSWORD='{password}'
MYSQL_HOST=localhost
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
_KEYSTONE = '''[DEFAULT]
use_stderr = true
log_dir = /var/log/keystone
[database]
connection = mysql+pymysql://keystone:{password}@{internal}/keystone
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
_RABBIT = '''listeners.tcp.1 = {address}:5672
loopback_users.guest = false
cluster_partition_handling = pause_minority
log.console = false
vm_memory_high_watermark.absolute = 256MB
'''
_RABBIT_ENVIRONMENT = '''NODENAME=rabbit@{name}
SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none -kernel inet_dist_use_interface {interface}"
'''


def name_of(node):
    """Return the name of a node on the internal network, where clusters have their members."""
    return f'{node.name}.{DOMAIN}'


def kolla(root, name, command, source=None, permissions=()):
    """Write what the image of a container does when it starts."""
    content = {'command': command, 'permissions': [
        {'path': path, 'owner': owner, 'recurse': True} for path, owner in permissions]}
    if source:
        content['config_files'] = [{'source': '/var/lib/kolla/config_files/src/*', 'dest': '/', 'merge': True,
                                    'preserve_properties': True}]
    put(root, f'{KOLLA}/{name}.json', json.dumps(content, indent=2) + '\n')


def volumes(name, source=None):
    """Return the mounts by which a container gets those files."""
    found = [f'/{KOLLA}/{name}.json:/var/lib/kolla/config_files/config.json:ro',
             '/etc/hosts:/etc/hosts:ro', '/etc/localtime:/etc/localtime:ro', '/dev/log:/dev/log']
    if source:
        found.append(f'/{GENERATED}/{source}/:/var/lib/kolla/config_files/src:ro')
    return tuple(found)


def write_database(root, node=None):
    """Write the settings of MariaDB; of a member of Galera if there is a node."""
    folder = f'{GENERATED}/mysql'
    put(root, f'{folder}/root/.my.cnf', _CLIENT.format(password=passwords.ROOT), 0o600)
    text = clusterfiles.MEMORY + 'bind_address = 0.0.0.0\n'
    if node:
        text = clusterfiles.MEMORY + clusterfiles.GALERA.format(
            members=','.join(map(name_of, places.CONTROLLERS)), name=name_of(node), address=node.address,
            patience=clusterfiles.PATIENCE).replace('bind_address = 0.0.0.0', f'bind_address = {node.address}')
        for service in ('mysql', 'clustercheck'):
            put(root, f'{GENERATED}/{service}/etc/sysconfig/clustercheck', _CHECK.format(password=passwords.CHECK), 0o600)
            put(root, f'{GENERATED}/{service}/etc/default/clustercheck', _CHECK.format(password=passwords.CHECK), 0o600)
        put(root, f'{GENERATED}/clustercheck/etc/mysql/mariadb.conf.d/99-lab.cnf', _MYSQL)
    put(root, f'{folder}/etc/mysql/mariadb.conf.d/99-lab.cnf', _MYSQL + text)


def write_rabbit(root, node, secrets):
    """Write the settings of a broker, and the secret that its cluster shares."""
    folder = f'{GENERATED}/rabbitmq/etc/rabbitmq'
    interface = '{' + node.address.replace('.', ',') + '}'
    put(root, f'{folder}/rabbitmq.conf', _RABBIT.format(address=node.address))
    put(root, f'{folder}/rabbitmq-env.conf', _RABBIT_ENVIRONMENT.format(name=node.name, interface=interface))
    put(root, 'var/lib/rabbitmq/.erlang.cookie', secrets['cookie'], 0o400)


def write_keystone(root, secrets):
    """Write the settings of Keystone, and the keys of its tokens."""
    folder = f'{GENERATED}/keystone/etc/keystone'
    put(root, f'{folder}/keystone.conf', _KEYSTONE.format(password=passwords.SERVICE, internal=INTERNAL), 0o640)
    for kind, number in (('fernet', 0), ('fernet', 1), ('credential', 0), ('credential', 1)):
        key = hashlib.sha256(f'{secrets["cookie"]}/{kind}/{number}'.encode()).digest()
        put(root, f'{folder}/{kind}-keys/{number}', base64.urlsafe_b64encode(key), 0o600)


def write_lab(root, node, service):
    """Write what the small programs of a service need to know."""
    put(root, f'{GENERATED}/{service}/etc/lab/lab.conf', _LAB.format(
        internal=INTERNAL, address=node.address, password=passwords.SERVICE), 0o640)
