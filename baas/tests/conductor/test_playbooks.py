# SPDX-License-Identifier: Apache-2.0
"""What playbooks do with real Ansible on this machine."""
import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

from baas.jobs import variables
from baas.runner import node_program

PLAYBOOKS = pathlib.Path(__file__).parents[3] / 'playbooks'


class PlaybookTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-play-'))
        self.addCleanup(shutil.rmtree, self.folder)

    def play(self, *words):
        """Run ansible-playbook on this machine: (exit status, output)."""
        done = subprocess.run(
            [str(pathlib.Path(sys.executable).parent / 'ansible-playbook'),
             '-i', 'localhost,', *map(str, words)],
            cwd=PLAYBOOKS, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={
                **os.environ,
                'ANSIBLE_CONFIG': str(PLAYBOOKS / 'ansible.cfg'),
                'ANSIBLE_ROLES_PATH': str(PLAYBOOKS / 'roles'),
                'ANSIBLE_ACTION_PLUGINS': str(PLAYBOOKS / 'plugins'
                                              / 'action')})
        return done.returncode, done.stdout


class TestBring(PlaybookTest):

    def test_files_come_to_a_machine_that_is_entered_as_root(self):
        # Whoever is root already, as in a rescue system, becomes nobody.
        source, dest = self.folder / 'source', self.folder / 'dest'
        (source / 'bin').mkdir(parents=True)
        (source / 'bin' / 'tool').write_text('text')
        play = [{'hosts': 'localhost', 'connection': 'local',
                 'gather_facts': False, 'tasks': [{'push_files': {
                     'src': str(source), 'dest': str(dest)}}]}]
        (self.folder / 'play.yaml').write_text(json.dumps(play))
        status, said = self.play(self.folder / 'play.yaml')
        self.assertEqual(0, status, said)
        self.assertEqual('text', (dest / 'bin' / 'tool').read_text())


class TestTake(PlaybookTest):

    def test_files_come_as_an_archive_and_are_seen_nowhere_else(self):
        source = self.folder / 'source'
        (source / 'keys').mkdir(parents=True)
        for name in ('0', "1 odd 'name"):
            (source / 'keys' / name).write_text(f'sesame {name}')
        archive = self.folder / 'shared.tar'
        play = [{'hosts': 'localhost', 'connection': 'local',
                 'gather_facts': False, 'roles': [{
                     'role': 'shared_files',
                     'shared_files_globs': [f'{source}/keys/*',
                                            f'{source}/nothing/*'],
                     'shared_files_archive': str(archive)}]}]
        (self.folder / 'play.yaml').write_text(json.dumps(play))
        status, said = self.play(self.folder / 'play.yaml', '-vvv')
        self.assertEqual(0, status, said)
        self.assertEqual(0o600, archive.stat().st_mode & 0o777)
        with tarfile.open(archive) as packed:
            self.assertEqual(
                {f'{source}/keys/{name}'.lstrip('/'): f'sesame {name}'
                 for name in ('0', "1 odd 'name")},
                {entry.name: packed.extractfile(entry).read().decode()
                 for entry in packed})
        self.assertEqual(0, archive.stat().st_size % 512)
        for secret in (b'sesame', base64.b64encode(archive.read_bytes())):
            self.assertNotIn(secret[:60].decode(), said)


class TestPlan(PlaybookTest):

    def test_a_node_that_answers_is_looked_at_and_nothing_is_left(self):
        job = f'plan-{os.getpid()}'
        (self.folder / 'program').mkdir()
        node_program.build(self.folder / 'program' / 'baas-node')
        status, said = self.play(
            PLAYBOOKS / 'steps/restore/plan.yaml', '-v', '-e', json.dumps({
                'baas_nodes': 'nobody', 'baas_peers': 'nobody',
                'baas_rescue_ready': 'nobody', 'baas_overwritten': 'localhost',
                'baas_job': job, 'baas_epoch': 1,
                'baas_folder': str(self.folder),
                'baas_options': {'localhost': {'check': {}}},
                'ansible_connection': 'local', 'ansible_become': False,
                'ansible_python_interpreter': sys.executable}))
        self.assertEqual(0, status, said)
        # What it says of its clusters, in order or not for a backup.
        self.assertRegex(said, r'\\"galera\\": ')
        self.assertFalse(os.path.exists(f'/run/baas-node/{job}'))

    def test_a_node_that_is_down_is_asked_once_and_holds_nothing_up(self):
        with socket.socket() as closed:
            closed.bind(('127.0.0.1', 0))  # and never listens
            hosts = {'a': {'ansible_host': '127.0.0.1',
                           'ansible_port': closed.getsockname()[1]}}
            inventory = self.folder / 'hosts.json'
            inventory.write_text(json.dumps({'all': {'hosts': hosts}}))
            began = time.monotonic()
            status, said = self.play(
                PLAYBOOKS / 'steps/restore/plan.yaml', '-i', inventory, '-e',
                json.dumps({'baas_nodes': 'nobody', 'baas_peers': 'nobody',
                            'baas_rescue_ready': 'nobody',
                            'baas_overwritten': 'a',
                            'baas_job': 'j'}))
        self.assertEqual(0, status, said)
        self.assertIn('ignored=1', said)
        self.assertLess(time.monotonic() - began, 60)


class TestCheck(PlaybookTest):

    def test_a_node_that_is_reached_with_a_password_is_refused_first(self):
        status, said = self.play(
            PLAYBOOKS / 'steps/backup/check.yaml', '-c', 'local',
            '-e', json.dumps({
                'baas_nodes': 'localhost', 'baas_job': 'j',
                'ansible_become_password': 'not to be seen'}))
        self.assertNotEqual(0, status)
        said = ' '.join(said.split())
        self.assertIn('with a password (ansible_become_password)', said)
        self.assertNotIn('not to be seen', said)
        self.assertNotIn('Have the node program', said)


# What an inventory may say of a node and must not count on the conductor.
_ELSEWHERE = {
    'ansible_connection': 'ssh', 'ansible_host': '127.0.0.1',
    'ansible_port': 1, 'ansible_user': 'tripleo-admin',
    'ansible_ssh_retries': 0, 'ansible_become': True,
    'ansible_become_method': 'su', 'ansible_become_user': 'nobody',
    'ansible_python_interpreter': '/nonexistent/python',
    'ansible_remote_tmp': '/nonexistent/${USER}',
    'ansible_shell_executable': '/nonexistent/sh'}
_PROGRAM = """\
#!/bin/sh
echo "$2 $4" >> {folder}/calls
echo '{{"baas": {{"verb": "v", "state": "done", "result": {{}}}}}}'
"""


class TestOnTheConductor(PlaybookTest):
    """Programs of the service run where it is, whatever the inventory says of
    the node that they are for."""

    def setUp(self):
        super().setUp()
        program = self.folder / 'python'
        program.write_text(_PROGRAM.format(folder=self.folder))
        program.chmod(0o755)
        self.inventory = self.folder / 'hosts.json'
        self.inventory.write_text(json.dumps({'Controller': {
            'hosts': {'n': _ELSEWHERE}, 'vars': _ELSEWHERE}}))
        self.job = self.folder / 'job.json'
        pathlib.Path(f'{self.job}.state').touch()

    def called(self, step, **names):
        """Play a step with no node but those named; give what was called."""
        nobody = dict.fromkeys(variables.patterns(), variables.NOBODY)
        status, said = self.play(
            '-i', self.inventory, PLAYBOOKS / 'steps' / step, '-e',
            json.dumps({
                **nobody, **names, 'baas_python': str(self.folder / 'python'),
                'baas_job': 'j', 'baas_epoch': 1, 'baas_config': [],
                'baas_folder': str(self.folder), 'baas_options': {},
                'baas_barrier_job': str(self.job),
                'baas_storage_jobs': {'n': str(self.job)},
                'baas_boot_jobs': {'n': str(self.job)},
                'baas_boot_before': {'n': [str(self.job)]}}))
        self.assertEqual(0, status, said)
        found = sorted({line.split()[0].rpartition('.')[2] for line in (
            self.folder / 'calls').read_text().splitlines()})
        (self.folder / 'calls').unlink()
        return found

    def test_every_step_that_runs_a_program_of_the_service(self):
        node = {'baas_nodes': 'n'}
        for step, names, programs in (
                ('backup/verify.yaml', node, ['verify']),
                ('backup/release.yaml', {'baas_incomplete': 'n'},
                 ['remove', 'verify']),
                ('delete/delete.yaml', node, ['remove']),
                ('restore/plan.yaml', node, ['precheck', 'start']),
                ('restore/rescue.yaml', node, ['start']),
                ('restore/boot_cleanup.yaml', node,
                 ['cleanup', 'start'])):
            with self.subTest(step):
                self.assertEqual(programs, self.called(step, **names))

    def test_no_play_relies_on_the_keyword(self):
        for path in (PLAYBOOKS / 'steps').rglob('*.yaml'):
            self.assertNotRegex(path.read_text(), '(?m)^  connection:',
                                path.name)
