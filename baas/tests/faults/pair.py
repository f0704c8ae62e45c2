# SPDX-License-Identifier: Apache-2.0
"""Two conductors over one MariaDB, set up for the container lab."""
import contextlib

from baas.tests.integration import mariadb
from baas.tests.integration import process
from baas.tests.lab import inside
from baas.tests.lab import service as services

LEASE = 12
"""Seconds that a claim holds."""
CONFIGURATION = '''
[DEFAULT]
state_path = {state}
log_file = {own}/baas.log
[database]
connection = {database}
[conductor]
host = {name}
lease = {lease}
[storage_sftp]
path = /backup/{stored}
'''


class Conductor(services.Service):
    """A baas-standalone that shares database, keys and storage.

    :param name: under which it claims jobs.
    :param database: what ``[database] connection`` takes.
    :param first: the one whose state it shares; None for the first.
    """

    def __init__(self, name, database, first=None):
        self._name, self._database, self._first = name, database, first
        super().__init__()

    def configure(self, **options):
        """See :class:`services.Service`."""
        super().configure(**options)
        first = self._first or self
        with open(self.state / 'baas.conf', 'a') as file:
            file.write(CONFIGURATION.format(
                name=self._name, database=self._database, lease=LEASE,
                state=first.state, own=self.state, stored=first.state.name))

    def environment(self):
        """See :class:`services.Service`."""
        return (self._first or super()).environment()

    def words(self):
        """Give what it has written into its log."""
        return (self.state / 'baas.log').read_text()


class Pair:
    """Both, and the jobs that they share. ``two`` works only when a fault
    needs it.

    :ivar api: the one that is asked.
    """

    def __init__(self):
        self._parts = contextlib.ExitStack()
        folder = self._parts.enter_context(process.folder())
        self.database = mariadb.MariaDB(folder)
        self._parts.callback(self.database.stop)
        self.database.start()
        self.one = Conductor('one', self.database.url)
        self._parts.callback(self.one.remove)
        self.two = Conductor('two', self.database.url, self.one)
        self._parts.callback(self.two.remove)
        self.api = self.one
        self.one.start()

    def remove(self):
        """End everything, and remove what it has stored."""
        self._parts.close()

    @property
    def folder(self):
        """Give the folder on the storage (str)."""
        return f'/srv/backup-root/backup/{self.one.state.name}'

    def log(self, id):
        """Give the log of a job."""
        return self.api.call('GET', f'/v1/job/{id}/log?limit=1000')[1][
            'events']

    def step(self, id, name):
        """Give a step of a job."""
        return self.api.step(id, name)

    def at_work(self, id):
        """Name the step of a job that is at work, or was last."""
        return [row['name'] for row in self.api.job(id)['steps']
                if row['state'] not in ('waiting', 'skipped')][-1]

    def leader(self, id):
        """Give what the process that leads the barrier of a job has said:
        (pid, dict); (None, {}) when there is none."""
        return self.one.leader(id)

    def backups(self):
        """Give all backups that are whole."""
        return self.api.backups(status='available', limit=1000)


def reading(id, node):
    """Give what the capture of a job says on a node, or {}."""
    return inside.read_json(node, f'/run/baas-node/{id}/capture.json') or {}


def wait_until(question, what, seconds=120):
    """Ask every 20 ms until the answer is true, see
    :func:`process.wait_until`."""
    return process.wait_until(question, what, seconds, pause=0.02)
