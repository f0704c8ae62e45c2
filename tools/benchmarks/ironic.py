# SPDX-License-Identifier: Apache-2.0
"""The Bare Metal service (ironic) as a peer: all in one, SQLite, noauth."""
from concurrent import futures
import json
import pathlib
import urllib.request

from baas.tests.integration import process

MAKE = pathlib.Path(__file__).parents[1] / 'environments' / 'make'


class Ironic:
    """ironic from PyPI in one process.

    :param folder: where its data go (:class:`pathlib.Path`).
    """

    def __init__(self, folder):
        folder.mkdir()
        self.port, self._file = process.free_port(), folder / 'ironic.conf'
        self._bin = pathlib.Path(process.run(
            [MAKE, 'ironic'], seconds=1800).strip()) / 'bin'
        faces = ''.join(
            f'enabled_{face}_interfaces = {value}\n' for face, value in (
                ('bios', 'no-bios'), ('boot', 'fake'), ('console',
                                                        'no-console'),
                ('deploy', 'fake'), ('firmware', 'no-firmware'),
                ('inspect', 'no-inspect'), ('management', 'fake'),
                ('network', 'noop'), ('power', 'fake'), ('raid', 'no-raid'),
                ('rescue', 'no-rescue'), ('storage', 'noop'),
                ('vendor', 'no-vendor')))
        self._file.write_text(
            f'[DEFAULT]\nauth_strategy = noauth\nrpc_transport = none\n'
            f'state_path = {folder}\nhost = localhost\n'
            f'enabled_hardware_types = fake-hardware\n{faces}'
            f'default_network_interface = noop\n'
            f'[api]\nhost_ip = 127.0.0.1\nport = {self.port}\n'
            f'[conductor]\nautomated_clean = false\n'
            # Or it looks after all nodes while it is measured.
            f'sync_power_state_interval = 86400\n'
            f'[database]\nconnection = sqlite:///{folder}/ironic.sqlite\n'
            f'[dhcp]\ndhcp_provider = none\n'
            f'[service_catalog]\nauth_type = none\n'
            f'endpoint_override = http://127.0.0.1:{self.port}\n')
        self.process = process.Process(
            'ironic', [self._bin / 'ironic', '--config-file', self._file],
            folder)

    def start(self):
        """Make the database and serve; give itself."""
        process.run([self._bin / 'ironic-dbsync', '--config-file',
                     self._file, 'create_schema'])
        self.process.start().wait_until(
            lambda: process.answers(self.port), 'ironic listens', 180)
        return self

    def fill(self, nodes):
        """Enrol nodes, through its API."""
        with futures.ThreadPoolExecutor(4) as many:
            list(many.map(self._enrol, range(nodes)))

    def _enrol(self, number):
        request = urllib.request.Request(
            f'http://127.0.0.1:{self.port}/v1/nodes', method='POST',
            data=json.dumps({'driver': 'fake-hardware',
                             'name': f'node-{number}'}).encode(),
            headers={'Content-Type': 'application/json',
                     'X-OpenStack-Ironic-API-Version': '1.50'})
        with urllib.request.urlopen(request, timeout=60):
            pass
