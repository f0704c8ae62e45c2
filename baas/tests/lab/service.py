# SPDX-License-Identifier: Apache-2.0
"""A baas-standalone of the tests' own, set up for the container lab."""
import atexit
import contextlib
import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from baas.tests.lab import configuration
from baas.tests.lab import machines
from baas.tests import ports

TOP = pathlib.Path(__file__).resolve().parents[3]
LAB = pathlib.Path(os.environ.get('BAAS_LAB_DIR', '/var/lib/baas-lab'))
NETWORK = os.environ.get('BAAS_LAB_NETWORK', '172.31.77')
SHAPE = os.environ.get('BAAS_LAB_SHAPE', 'plain')
RESTIC = os.environ.get('BAAS_RESTIC', '/var/cache/baas/bin/restic')
CONTROLLERS = ('controller-0', 'controller-1', 'controller-2')
FINAL = ('done', 'error', 'cancelled')


def lab(*words, check=True):
    """Run tools/lab.

    :returns: what it printed.
    :raises AssertionError: it failed and ``check`` is true.
    """
    done = subprocess.run([sys.executable, str(TOP / 'tools' / 'lab'),
                           *words], text=True, capture_output=True)
    if check and done.returncode:
        raise AssertionError(f'tools/lab {" ".join(words)}: '
                             f'{done.stdout[-1500:]}{done.stderr[-1500:]}')
    return done.stdout


@functools.cache
def shared():
    """Give the one service that all modules of the lab's tests ask: a first
    set costs most, and this one has taken it already. It goes when this
    process ends."""
    lab('up', '--shape', SHAPE)
    service = Service()
    atexit.register(service.remove)
    service.start()
    return service


class Service:
    """The process and a way to talk to it.

    :ivar state: its folder (pathlib.Path).
    :ivar variables: its environment (dict).
    :cvar patience: seconds that it gets to start.
    """
    patience = 60
    variables = os.environ

    def __init__(self):
        self.state = pathlib.Path(tempfile.mkdtemp(prefix='baas-lab-'))
        self.process = None
        self.port = ports.free()
        # A folder of its own: the repositories there have another key.
        self.make_storage(self.state.name)
        self.configure()

    def make_storage(self, name):
        """Make a folder of the storage."""
        machines.on('storage-0', 'install -d -o backup '
                    f'/srv/backup-root/backup/{name}')

    def configure(self, known_hosts=LAB / 'ssh' / 'storage_known_hosts',
                  driver='sftp', mode='stop', database=None, more=''):
        """Write the configuration; what changed counts after a restart.

        :param database: URL of the database; None for a file.
        :param more: further text.
        """
        name = self.state.name
        more += configuration.TARGETS.get(SHAPE, '')
        if database:
            # With another database it is another service, to which nobody
            # has given what the first one has.
            name += '-other'
            self.make_storage(name)
            more += f'[database]\nconnection = {database}\n'
        (self.state / 'baas.conf').write_text(configuration.TEXT.format(
            state=self.state, name=name, port=self.port, lab=LAB,
            network=NETWORK, restic=RESTIC, known_hosts=known_hosts,
            driver=driver, mode=mode) + more)

    def start(self):
        """Start it and wait until it answers."""
        out = open(self.state / 'out.log', 'ab')
        self.process = subprocess.Popen(
            [str(pathlib.Path(sys.executable).parent / 'baas-standalone'),
             '--config-file', str(self.state / 'baas.conf')],
            env=self.variables, stdout=out, stderr=out)
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(self.url('/'), timeout=2)
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError((self.state / 'out.log').read_text()[-2000:])

    def stop(self, number=signal.SIGTERM):
        """End it with a signal and wait until it is gone."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
        if self.process:
            self.process.wait(120)

    def restart(self, **options):
        """Stop it, and start it with other options of configure()."""
        self.stop()
        self.configure(**options)
        self.start()

    def remove(self):
        """End it, and remove its folder and what it has stored."""
        self.stop()
        machines.on('storage-0',
                    f'rm -rf /srv/backup-root/backup/{self.state.name}*')
        shutil.rmtree(self.state)

    def environment(self):
        """Give the variables of its rc file."""
        lines = (self.state / 'baasrc').read_text().splitlines()
        return dict(line.removeprefix('export ').split('=', 1)
                    for line in lines if line.startswith('export '))

    def url(self, path):
        """Give the address of a path."""
        return f'http://127.0.0.1:{self.port}{path}'

    def call(self, method, path, body=None):
        """Send a request; give (status, body)."""
        import base64
        rc = self.environment()
        token = base64.b64encode(
            f'{rc["OS_USERNAME"]}:{rc["OS_PASSWORD"]}'.encode()).decode()
        request = urllib.request.Request(
            self.url(path), method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={'Authorization': f'Basic {token}',
                     'OpenStack-API-Version': 'control-plane-backup latest',
                     'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b'null')
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b'null')

    def submit(self, path, body=None):
        """POST and give the job that was accepted."""
        status, job = self.call('POST', path, body)
        assert status == 202, (status, job)
        return job

    def job(self, id):
        """Give a job as it is."""
        return self.call('GET', f'/v1/job/{id}')[1]

    def step(self, id, name):
        """Give a step of a job."""
        return next(row for row in self.job(id)['steps']
                    if row['name'] == name)

    def wait(self, id, seconds=1200):
        """Wait until a job has ended; give it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                job = self.job(id)
                if job['state'] in FINAL:
                    return job
            except OSError:
                pass
            time.sleep(0.5)
        raise AssertionError(f'Job {id} is still {job["state"]}')

    def restore_lost(self, node):
        """Have the rescue system on a machine that is lost, restore its last
        backup, and give the job."""
        lab('rescue', node)
        backup = self.call('GET', f'/v1/backup/last?node={node}')[1]
        return self.wait(self.submit(
            f'/v1/restore/{backup["id"]}/{node}')['id'])

    def wait_for_step(self, id, step, seconds=300):
        """Wait until a step of a job runs."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            job = self.job(id)
            if any(row['name'] == step and row['state'] == 'running'
                   for row in job['steps']):
                return
            assert job['state'] not in FINAL, job
            time.sleep(0.1)
        raise AssertionError(f'{step} has not begun')

    def wait_for_end_of_step(self, id, step, seconds=300):
        """Wait until a step of a job has ended; give the step."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            row = self.step(id, step)
            if row['state'] not in ('waiting', 'running'):
                return row
            time.sleep(0.2)
        raise AssertionError(f'{step} has not ended')

    def leader(self, id):
        """Give what the process that leads the barrier of a job has said, and
        which outlives the service: (pid, dict); (None, {}) when there is
        none."""
        for path in (self.state / 'jobs').glob(f'*/{id}/barrier.json.state'):
            with contextlib.suppress(ValueError):
                said = json.loads(path.read_text())
                return said['pid'], said['said']
        return None, {}

    def backup(self, target='overcloud', stopall='no', **body):
        """Take a set and wait for its end; give the job."""
        job = self.submit(f'/v1/backup/{target}?stopall={stopall}',
                          body or None)
        return self.wait(job['id'])

    def some_set(self, of=1):
        """Give the id of the newest whole set of the controllers; sets are
        taken until there are as many as are wanted.

        :param of: how many.
        """
        nodes = {}
        for row in self.backups(target='overcloud', status='available'):
            nodes.setdefault(row['set_id'], set()).add(row['node'])
        whole = [set_id for set_id in nodes
                 if nodes[set_id] == set(CONTROLLERS)]
        if len(whole) >= of:
            return whole[0]
        job = self.backup()
        assert job['state'] == 'done', job
        return self.some_set(of)

    def backups(self, **filters):
        """List backups."""
        query = '&'.join(f'{key}={value}' for key, value in filters.items())
        return self.call('GET', f'/v1/backup?{query}')[1]['backups']
