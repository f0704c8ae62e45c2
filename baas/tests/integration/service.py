# SPDX-License-Identifier: Apache-2.0
"""The service as an operator runs it: an API and conductors, each a process
of its own."""
import json
import pathlib
import sys

import requests

from baas.tests.integration import process

RESTIC = pathlib.Path('/var/cache/baas/bin/restic')
LEASE = 20
"""Seconds that a claim holds in these tests: they wait for its end, and a
busy machine must not reach it by itself."""
HEARS = 'hears the message bus'
"""What a conductor says when messages reach it."""


class Service:
    """API and conductors over one database and one broker.

    :param folder: where everything goes (:class:`pathlib.Path`).
    :param database: what ``[database] connection`` takes.
    :param bus: what ``transport_url`` takes.
    :param node_port: port of the loopback where the one node of the
        overcloud is said to have its SSH server.
    :param auth: text of the configuration that says who may come in.
    """

    def __init__(self, folder, database, bus, node_port, auth=''):
        self.folder, self.port = folder, process.free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.api, self.conductors = None, {}
        self._programs = pathlib.Path(sys.executable).parent
        (folder / 'storage').mkdir()
        self.inventory = folder / 'inventory.json'
        self.place_node(node_port)
        self._configuration = folder / 'baas.conf'
        self.configure(database, bus, auth or 'auth_strategy = noauth')

    def configure(self, database, bus, auth):
        """Write the configuration that API and conductors share."""
        self._configuration.write_text(
            f'[DEFAULT]\n'
            f'state_path = {self.folder}\n'
            f'transport_url = {bus}\n'
            f'[database]\nconnection = {database}\n'
            f'[conductor]\nlease = {LEASE}\n'
            f'[runner]\ninventory = {self.inventory}\n'
            'inventory_timeout = 600\n'
            f'[targets]\nown_machine = overcloud\n'
            f'[storage]\nallow_on_target = true\n'
            f'[storage_file]\npath = {self.folder / "storage"}\n'
            f'[verification]\nperiod = 0\n'
            f'[payload]\nrestic = {RESTIC}\n'
            f'key_file = {self.folder / "key"}\n'
            f'[api]\nbind_port = {self.port}\n'
            f'{auth}\n')

    def place_node(self, port):
        """Say where the node of the overcloud is; conductors look anew for
        each step."""
        self.inventory.write_text(json.dumps({'Controller': {'hosts': {
            'controller-0': {
                'ansible_host': '127.0.0.1', 'ansible_port': port,
                'ansible_user': 'nobody', 'ansible_ssh_retries': 0,
                'ansible_ssh_timeout': 120,
                'baremetal_name': 'rack1-u07'}}}}))

    def manage(self, *words):
        """Run baas-manage; give what it says."""
        return process.run([self._programs / 'baas-manage', '--config-file',
                            self._configuration, *words])

    def start_api(self):
        """Start baas-api; give its process."""
        self.api = self._program('baas-api').start()
        self.api.wait_until(lambda: process.answers(self.port),
                            'the API listens')
        return self.api

    def start_conductor(self, name, ready=True, sweep_interval=1):
        """Start a conductor, as on a host of its own; give its process.

        :param ready: False not to wait until it hears the broker.
        :param sweep_interval: seconds between two looks for jobs of which no
            message has come.
        """
        state = self.folder / name
        state.mkdir(exist_ok=True)
        own = self.folder / f'{name}.conf'
        own.write_text(f'[DEFAULT]\nstate_path = {state}\n'
                       f'[conductor]\nhost = {name}\n'
                       f'sweep_interval = {sweep_interval}\n')
        # Ansible keeps files in the home of the user.
        # Its words are those of this start.
        (self.folder / f'conductor-{name}.log').unlink(missing_ok=True)
        made = self._program('baas-conductor', '--config-file', own,
                             log=f'conductor-{name}', home=state).start()
        self.conductors[name] = made
        if ready:
            made.wait_until(lambda: HEARS in made.words(),
                            f'conductor {name} hears the broker')
        return made

    def stop(self):
        """End all of it."""
        for one in [self.api, *self.conductors.values()]:
            if one is not None:
                one.kill()

    def __call__(self, method, path, **options):
        """Send a request; give the response of `requests`."""
        return requests.request(method, self.url + path, timeout=60,
                                **options)

    def take_backup(self):
        """Ask for a set of the overcloud; give the id of the job."""
        answer = self('POST', '/v1/backup/overcloud')
        if answer.status_code != 202:
            raise AssertionError(f'{answer.status_code}: {answer.text}')
        return answer.json()['id']

    def job(self, id):
        """Show a job."""
        return self('GET', f'/v1/job/{id}').json()

    def log(self, id):
        """Give the lines of a job's log."""
        return [event['message'] for event in
                self('GET', f'/v1/job/{id}/log').json()['events']]

    def ended(self, id, seconds=process.SECONDS):
        """Wait until a job has ended; give it."""
        return process.wait_until(
            lambda: (lambda job: job.get('finished_at') and job)(
                self.job(id)), f'job {id} has ended', seconds)

    def _program(self, name, *words, log=None, home=None):
        return process.Process(
            log or name, [self._programs / name, '--config-file',
                          self._configuration, *words], self.folder,
            process.environment(HOME=str(home or self.folder)))
