# SPDX-License-Identifier: Apache-2.0
"""A Bare Metal service of one test's own, and the BMC of a machine that is
not there."""
import contextlib
import json
import pathlib
import sqlite3
import sys
import uuid

import requests

from baas.tests.integration import process

_MAKE = (pathlib.Path(__file__).parents[3] / 'tools' / 'environments'
         / 'make')
SYSTEMS = tuple(f'27946b59-9e44-4fa7-8e91-f3527a1ef09{number}'
                for number in range(4))
"""Ids of the machines that the BMC has."""
GLANCE = '0f5a2c9e-77b3-4d7e-9c0e-5a6f3d1b2c4d'
"""Id of an image in a Glance that there is not."""
# The emulator makes power changes take up to eleven seconds, by chance.
_EMULATOR = ('import random, sys; random.randint = lambda low, high: 0; '
             'from sushy_tools.emulator import main; sys.exit(main.main())')


class Bmc:
    """A Redfish BMC of some machines, which remembers what it was told and
    boots nothing.

    :param folder: where its data go (:class:`pathlib.Path`).
    :param programs: folder of the programs of its environment.
    """

    def __init__(self, folder, programs):
        self.port = process.free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        state = folder / 'bmc'
        state.mkdir()
        settings = folder / 'bmc.conf'
        settings.write_text(
            f"SUSHY_EMULATOR_LISTEN_IP = '127.0.0.1'\n"
            f'SUSHY_EMULATOR_LISTEN_PORT = {self.port}\n'
            f"SUSHY_EMULATOR_STATE_DIR = {str(state)!r}\n"
            f'SUSHY_EMULATOR_FAKE_DRIVER = True\n'
            f'SUSHY_EMULATOR_FAKE_SYSTEMS = {self._systems()}\n')
        self.process = process.Process(
            'bmc', [programs / 'python', '-c', _EMULATOR, '--config',
                    settings], folder)

    def start(self):
        """Serve; give itself."""
        self.process.start().wait_until(
            lambda: process.answers(self.port), 'the BMC listens')
        return self

    def _systems(self):
        return [{'uuid': id, 'name': f'metal-{number}', 'power_state': 'On',
                 'nics': [{'mac': mac(number)}]}
                for number, id in enumerate(SYSTEMS)]

    def system(self, number):
        """Give (power state, boot device) as a machine has them."""
        found = self._ask(f'/redfish/v1/Systems/{SYSTEMS[number]}')
        return (found['PowerState'],
                found['Boot']['BootSourceOverrideTarget'])

    def medium(self, number):
        """Give the URL of the CD inserted into a machine, or None."""
        found = self._ask(
            f'/redfish/v1/Systems/{SYSTEMS[number]}/VirtualMedia/Cd')
        return found['Image'] if found['Inserted'] else None

    def _ask(self, path):
        answer = requests.get(self.url + path, timeout=30)
        answer.raise_for_status()
        return answer.json()


def mac(number):
    """Give the MAC address of a machine."""
    return f'52:54:00:ba:a5:0{number}'


class Web:
    """A web server for a folder, that of images.

    :param root: the folder (:class:`pathlib.Path`).
    :param logs: where its log goes.
    :param name: what to call it in messages.
    """

    def __init__(self, root, logs, name):
        self.port = process.free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.process = process.Process(
            name, [sys.executable, '-m', 'http.server', self.port, '--bind',
                   '127.0.0.1', '--directory', root], logs)

    def start(self):
        """Serve; give itself."""
        self.process.start().wait_until(
            lambda: process.answers(self.port), 'the web server listens')
        return self


class Ironic:
    """Ironic in one process on SQLite.

    :param folder: where its data go (:class:`pathlib.Path`).
    :param strategy: its ``auth_strategy``.
    :param more: further settings, which begin in section [DEFAULT].
    :param sign: called to give what a request of an administrator has
        (dict: ``auth`` or ``headers`` of requests).
    :param port: where it listens; a free one by default.
    """

    def __init__(self, folder, strategy='noauth', more='', sign=dict,
                 port=None):
        self._strategy, self._more, self._sign = strategy, more, sign
        self.folder = folder / 'ironic'
        self.folder.mkdir()
        for name in ('http', 'tftp', 'images', 'cache'):
            (self.folder / name).mkdir()
        self.port = port or process.free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self._bin = pathlib.Path(process.run(
            [_MAKE, 'ironic'], seconds=1800).strip()) / 'bin'
        self.bmc = Bmc(folder, self._bin)
        self._web = Web(self.folder / 'http', folder, 'ironic-web')
        self._file = self.folder / 'ironic.conf'
        self._file.write_text(self._settings())
        self.process = process.Process(
            'ironic', [self._bin / 'ironic', '--config-file', self._file],
            folder)

    def _settings(self):
        here = self.folder
        faces = ''.join(
            f'enabled_{face}_interfaces = {value}\n' for face, value in (
                ('bios', 'no-bios'), ('boot', 'redfish-virtual-media,ipxe'),
                ('console', 'no-console'), ('deploy', 'direct,ramdisk'),
                ('firmware', 'no-firmware'), ('inspect', 'no-inspect'),
                ('management', 'redfish,noop,fake'), ('network', 'noop'),
                ('power', 'redfish,fake'), ('raid', 'no-raid'),
                ('rescue', 'no-rescue'), ('storage', 'noop'),
                ('vendor', 'no-vendor')))
        return (
            f'[DEFAULT]\nauth_strategy = {self._strategy}\n'
            f'rpc_transport = none\n'
            f'state_path = {here}\nhost = localhost\n'
            f'enabled_hardware_types = redfish,fake-hardware\n{faces}'
            f'default_network_interface = noop\n'
            f'grub_config_path = EFI/debian/grub.cfg\n'
            f'[api]\nhost_ip = 127.0.0.1\nport = {self.port}\n'
            f'[conductor]\nautomated_clean = false\n'
            f'[deploy]\nhttp_root = {here}/http\n'
            f'http_url = {self._web.url}\n'
            f'[pxe]\ntftp_root = {here}/tftp\ntftp_server = 127.0.0.1\n'
            f'images_path = {here}/images\n'
            f'instance_master_path = {here}/cache/instances\n'
            f'tftp_master_path = {here}/cache/tftp\n'
            f'[database]\nconnection = sqlite:///{here}/ironic.sqlite\n'
            f'[dhcp]\ndhcp_provider = none\n'
            f'[service_catalog]\nauth_type = none\n'
            f'endpoint_override = {self.url}\n'
            f'[DEFAULT]\n{self._more}')

    def start(self):
        """Make the database and serve; give itself."""
        self.bmc.start()
        self._web.start()
        process.run([self._bin / 'ironic-dbsync', '--config-file',
                     self._file, 'create_schema'])
        return self.serve()

    def serve(self):
        """Serve, or serve again; give itself."""
        self.process.start().wait_until(
            lambda: process.answers(self.port), 'ironic listens', 180)
        process.wait_until(self._has_conductor, 'ironic has a conductor')
        return self

    def stop(self):
        """End it, with its BMC and its web server."""
        for part in (self, self.bmc, self._web):
            part.process.kill()

    def __call__(self, method, path, body=None):
        """Send a request that must be good; give the decoded answer."""
        signed = self._sign()
        answer = requests.request(
            method, self.url + path, json=body, timeout=60, **{
                **signed, 'headers': {
                    'X-OpenStack-Ironic-API-Version': '1.93',
                    **signed.get('headers', {})}})
        if not answer.ok:
            raise AssertionError(f'{method} {path}: {answer.text}')
        return answer.json() if answer.content else None

    def enrol(self, number, **columns):
        """Make an active node of a machine, without deploying anything;
        give its UUID.

        :param number: of the machine.
        :param columns: what differs from an ordinary Redfish machine.
        """
        node = self('POST', '/v1/nodes', {
            'driver': 'redfish', 'name': f'metal-{number}',
            'deploy_interface': 'direct',
            'boot_interface': 'redfish-virtual-media',
            'driver_info': {
                'redfish_address': self.bmc.url,
                'redfish_system_id': f'/redfish/v1/Systems/{SYSTEMS[number]}',
                'deploy_kernel': f'{self.bmc.url}/none',
                'deploy_ramdisk': f'{self.bmc.url}/none'},
            'instance_info': {'image_source': f'{self.bmc.url}/redfish',
                              'image_checksum': 'ab' * 16},
            'properties': {'capabilities': 'boot_mode:uefi'},
            **columns})['uuid']
        self('POST', '/v1/ports', {'node_uuid': node, 'address': mac(number)})
        for verb, state in (('manage', 'manageable'), ('adopt', 'active')):
            self('PUT', f'/v1/nodes/{node}/states/provision',
                 {'target': verb})
            self.reaches(node, state)
        self.patch(node, instance_uuid=str(uuid.uuid4()))
        return node

    def patch(self, node, **fields):
        """Set fields of a node."""
        return self('PATCH', f'/v1/nodes/{node}', [
            {'op': 'add', 'path': f'/{name}', 'value': value}
            for name, value in fields.items()])

    def pretend(self, node, **columns):
        """Let a node be in a state that takes long to come by, by what its
        database says."""
        with contextlib.closing(sqlite3.connect(
                self.folder / 'ironic.sqlite', timeout=30)) as database:
            with database:
                database.execute(
                    'UPDATE nodes SET '
                    + ', '.join(f'{name} = ?' for name in columns)
                    + ' WHERE uuid = ?', [*columns.values(), node])

    def inspected(self, node, inventory):
        """Have the inventory of a node as an inspection leaves it."""
        with contextlib.closing(sqlite3.connect(
                self.folder / 'ironic.sqlite', timeout=30)) as database:
            with database:
                [id] = database.execute('SELECT id FROM nodes WHERE uuid = ?',
                                        [node]).fetchone()
                database.execute('DELETE FROM node_inventory '
                                 'WHERE node_id = ?', [id])
                database.execute(
                    'INSERT INTO node_inventory (node_id, inventory_data, '
                    'plugin_data, version) VALUES (?, ?, ?, ?)',
                    [id, json.dumps(inventory), '{}', '1.1'])

    def kept(self, node):
        """Give instance_info as it is kept, with its secrets."""
        with contextlib.closing(sqlite3.connect(
                self.folder / 'ironic.sqlite', timeout=30)) as database:
            row = database.execute('SELECT instance_info FROM nodes '
                                   'WHERE uuid = ?', [node]).fetchone()
        return json.loads(row[0])

    def reaches(self, node, state):
        """Wait until a node is in a provision state."""
        def look():
            found = self('GET', f'/v1/nodes/{node}')
            if found['provision_state'] == state and not found['reservation']:
                return True
            if 'fail' in found['provision_state']:
                raise AssertionError(found['last_error'])
        process.wait_until(look, f'the node is {state}')

    def _has_conductor(self):
        try:
            return self('GET', '/v1/drivers?type=dynamic')['drivers']
        except AssertionError:
            return False
