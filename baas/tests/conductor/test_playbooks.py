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
                 'gather_facts': False, 'tasks': [{'bring': {
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
                'baas_ready': 'nobody', 'baas_lost': 'localhost',
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
                            'baas_ready': 'nobody', 'baas_lost': 'a',
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
