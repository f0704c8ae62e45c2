# SPDX-License-Identifier: Apache-2.0
"""A site in small: key, storage, configuration file and a node to back up."""
import contextlib
import hashlib
import importlib
import io
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile

from baas.jobs import measured
from baas import keys
from baas import program
from baas.storage import readback
from baas.tests.unit import cheap_key
from baas.tests.unit.storage import places

NODE = 'n1'


class Site:
    """One storage with real repositories.

    :param clean: called with what is to be done when the site goes, such as
        addCleanup of a test case.
    :param server: an :class:`sshd.Server` for sftp, None for a folder.
    :param like: a site to begin with a copy of, which is quicker.
    :param in_process: whether programs are run in this process, which spares
        an interpreter and says the same.
    """

    def __init__(self, clean, server=None, like=None, in_process=False):
        self.in_process = in_process
        self.restic = places.restic()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-site-'))
        clean(shutil.rmtree, self.folder, ignore_errors=True)
        if like:
            shutil.copytree(like.folder, self.folder, dirs_exist_ok=True)
        share = self.folder / 'share'
        self.state = self.folder / 'state'
        self.tree = self.folder / 'tree'
        for folder in (share, self.state, self.tree):
            folder.mkdir(exist_ok=True)
        self.key = (keys.load if like else keys.create)(self.state / 'key')
        self.root = share / self.key.cloud
        if server is None:
            driver, options = 'file', {'path': str(share)}
            self.storage = places.file_storage(
                self.state, share, self.key.cloud)
        else:
            driver, options = 'sftp', server.options(share)
            self.storage = places.sftp_storage(
                self.state, share, server, self.key.cloud)
        clean(self.storage.close)
        self.storage.check()  # as a backup begins: it makes the folder
        self._sections = {'storage': {'driver': driver},
                          f'storage_{driver}': options}
        self._write_config(driver, options)

    def _write_config(self, driver, options):
        lines = [f'{name} = {value}' for name, value in options.items()]
        self.config = self.folder / 'baas.conf'
        self.config.write_text('\n'.join([
            '[DEFAULT]', f'state_path = {self.state}',
            '[payload]', f'restic = {self.restic}',
            '[storage]', f'driver = {driver}',
            f'[storage_{driver}]', *lines, '']))

    def call(self, *words, input=None):
        """Run restic on the repository, as a node would; gives its output."""
        run = self.folder / 'run'
        run.mkdir(exist_ok=True)
        for name, path in self.storage.credentials().items():
            shutil.copy(path, run / name)
        environment = {
            **os.environ, 'RESTIC_PASSWORD': self.key.node_password(NODE),
            'RESTIC_CACHE_DIR': str(self.folder / 'cache'),
            'RESTIC_REPOSITORY': self.storage.repository(NODE)}
        return subprocess.run(
            [self.restic, *self.storage.restic_args(str(run)), *words],
            cwd=self.tree, env=environment, input=input, check=True,
            stdout=subprocess.PIPE).stdout

    def capture(self, backup, size=2_000_000):
        """Change the tree and back it up, as the node program does.

        :returns: result of the capture.
        """
        if not (self.root / NODE / 'restic' / 'config').exists():
            cheap_key.repository(self.root / NODE / 'restic',
                                 self.key.node_password(NODE))
        (self.tree / f'of-{backup}').write_bytes(secrets.token_bytes(size))
        snapshot = self._snapshot('backup', '.', '--tag', 'kind=payload',
                                  '--tag', f'backup={backup}')
        listed = b''.join(
            json.dumps({'p': path.name}).encode() + b'\n'
            for path in sorted(self.tree.iterdir()))
        files = self._snapshot(
            'backup', '--stdin', '--stdin-filename', 'files.jsonl',
            '--tag', 'kind=files', '--tag', f'backup={backup}', input=listed)
        return {**dict.fromkeys(measured.PAYLOAD, 1),
                'snapshot': snapshot, 'files_snapshot': files,
                'files_sha256': hashlib.sha256(listed).hexdigest(),
                'files': listed.count(b'\n'), 'size_bytes': size,
                'stored_bytes': size, 'disk_bytes': size,
                'layout': {'hostname': NODE},
                'kind': 'restic', 'versions': {'restic': '0.18.0'}}

    def _snapshot(self, *words, input=None):
        said = self.call(*words, '--host', NODE, '--json', input=input)
        return json.loads(said.splitlines()[-1])['snapshot_id']

    def take(self, backup):
        """Take a whole backup: remember, capture, verify."""
        self.remember(backup)
        captured = self.capture(backup)
        return self.program('verify', **self.verify_job(backup, captured))

    def remember(self, backup):
        """Write down what is stored before a backup; give the file."""
        path = self.folder / f'was-{backup}'
        readback.remember(self.storage, NODE, path)
        return path

    def verify_job(self, backup, captured):
        """Give the job of a verify."""
        return {'node': NODE, 'before': str(self.folder / f'was-{backup}'),
                'backup': backup, 'capture': captured,
                'manifest': {'set': 's', 'name': 'test', 'created': 'now',
                             'target': 'overcloud', 'stopall': False,
                             'quiesced': [], 'quiesce_mode': 'none',
                             'outage_seconds': 0.0, 'service_outages': {}}}

    def job_file(self, verb, **fields):
        """Write a job file; gives its path."""
        folder = self.folder / 'jobs'
        folder.mkdir(exist_ok=True)
        path = folder / f'{verb}-{NODE}.json'
        path.write_text(json.dumps(fields))
        return path

    def command(self, verb, path, *words):
        """Give the command line of a program."""
        return [sys.executable, '-m', f'baas.storage.programs.{verb}',
                '--job-file',
                str(path), '--config-file', str(self.config), *words]

    def program(self, verb, *words, **fields):
        """Run a program to its end; gives what it said."""
        if self.in_process:
            return self._in_process(verb, *words, **fields)
        return said(subprocess.run(
            self.command(verb, self.job_file(verb, **fields), *words),
            capture_output=True, text=True))

    def _in_process(self, verb, *words, **fields):
        work = importlib.import_module(f'baas.storage.programs.{verb}').work
        conf = places.configuration(
            self.state, payload={'restic': str(self.restic)},
            **self._sections)
        path = self.job_file(verb, **fields)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            program.main(
                f'baas.storage.programs.{verb}', verb,
                lambda job, rest: work(conf, job),
                ['--job-file', str(path), *words])
        # The end of a process would have given the lock back.
        path.with_name(path.name + '.lock').unlink()
        return json.loads(out.getvalue())['baas']

    def packs(self):
        """Give the paths of all packs, the biggest first."""
        found = (self.root / NODE / 'restic' / 'data').glob('*/*')
        return sorted(found, key=lambda path: -path.stat().st_size)

    def snapshots(self):
        """Give the tags of all snapshots, sorted."""
        return sorted(tag for snapshot in
                      json.loads(self.call('snapshots', '--json',
                                           '--no-lock')) or []
                      for tag in snapshot['tags'])


def said(process):
    """Read the one line of a program that has ended."""
    lines = process.stdout.splitlines()
    if len(lines) != 1:
        raise AssertionError(process.stdout + process.stderr)
    told = json.loads(lines[0])['baas']
    if process.returncode != int(told['state'] == 'error'):
        raise AssertionError(f'{process.returncode}: {lines[0]}')
    return told
