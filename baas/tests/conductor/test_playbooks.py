# SPDX-License-Identifier: Apache-2.0
"""What playbooks do with real Ansible on this machine."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

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
