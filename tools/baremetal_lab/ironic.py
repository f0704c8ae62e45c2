# SPDX-License-Identifier: Apache-2.0
"""The Bare Metal service: ironic in one process, with an account."""
import json

from baremetal_lab import daemons
from baremetal_lab import environment
from baremetal_lab import places
from container_lab import running

HOST, PORT = places.lab.HOST, 6385
URL = f'http://{HOST}:{PORT}'
USER = 'admin'
FOLDER = places.STATE / 'ironic'
CLOUD = 'baas-metal'
# For openstacksdk and the command line: OS_CLIENT_CONFIG_FILE, OS_CLOUD.
CLOUDS = places.STATE / 'clouds.yaml'
_FACES = {
    'bios': 'no-bios', 'boot': 'ipxe,redfish-virtual-media',
    'console': 'no-console', 'deploy': 'direct,ramdisk',
    'firmware': 'no-firmware', 'inspect': 'no-inspect',
    'management': 'redfish', 'network': 'noop', 'power': 'redfish',
    'raid': 'no-raid', 'rescue': 'no-rescue', 'storage': 'noop',
    'vendor': 'no-vendor',
}
_SETTINGS = f'''[DEFAULT]
auth_strategy = http_basic
http_basic_auth_user_file = {FOLDER}/htpasswd
rpc_transport = none
state_path = {FOLDER}
host = baas-metal
my_ip = {HOST}
enabled_hardware_types = redfish
default_boot_interface = ipxe
default_deploy_interface = direct
default_network_interface = noop
{{faces}}
[api]
host_ip = {HOST}
port = {PORT}
[conductor]
automated_clean = false
[database]
connection = sqlite:///{FOLDER}/ironic.sqlite
[deploy]
http_root = {places.WEB}
http_url = {places.WEB_URL}
[dhcp]
dhcp_provider = none
[oslo_concurrency]
lock_path = {FOLDER}/locks
[pxe]
tftp_server = {HOST}
tftp_root = {places.TFTP}
tftp_master_path = {FOLDER}/tftp-master
images_path = {FOLDER}/images
instance_master_path = {FOLDER}/images-master
[redfish]
use_swift = false
[service_catalog]
auth_type = none
endpoint_override = {URL}
'''


def start():
    """Make its database, serve, and wait until it answers."""
    FOLDER.mkdir(exist_ok=True, mode=0o700)
    programs = environment.programs('ironic')
    settings = FOLDER / 'ironic.conf'
    if not daemons.processes('ironic'):
        password = environment.account(programs, USER, FOLDER / 'htpasswd')
        environment.write_secret(CLOUDS, _clouds(password))
        settings.write_text(_SETTINGS.format(faces='\n'.join(
            f'enabled_{face}_interfaces = {value}'
            for face, value in _FACES.items())))
        if not (FOLDER / 'ironic.sqlite').exists():
            running.run(programs / 'ironic-dbsync', '--config-file',
                        settings, 'create_schema')
    daemons.start('ironic', [programs / 'ironic', '--config-file', settings])
    running.wait_for('an answer of ironic', well, 180,
                     daemons.log_of('ironic'))


def well():
    """Tell whether it accepts connections."""
    return running.works('bash', '-c',
                         f'exec 3<>/dev/tcp/{HOST}/{PORT}')


def stop():
    """Stop it."""
    daemons.stop('ironic')


def _clouds(password):
    # JSON is YAML too.
    return json.dumps({'clouds': {CLOUD: {
        'auth_type': 'http_basic',
        'auth': {'endpoint': URL, 'username': USER, 'password': password},
        'baremetal_endpoint_override': URL}}}, indent=2) + '\n'
