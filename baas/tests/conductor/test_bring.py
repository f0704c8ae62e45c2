# SPDX-License-Identifier: Apache-2.0
"""Files that a playbook brings to a machine."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PLAYBOOKS = pathlib.Path(__file__).parents[3] / 'playbooks'


class TestBring(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-bring-'))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_files_come_to_a_machine_that_is_entered_as_root(self):
        # Whoever is root already, as in a rescue system, becomes nobody.
        source, dest = self.folder / 'source', self.folder / 'dest'
        (source / 'bin').mkdir(parents=True)
        (source / 'bin' / 'tool').write_text('text')
        play = [{'hosts': 'localhost', 'connection': 'local',
                 'gather_facts': False, 'tasks': [{'bring': {
                     'src': str(source), 'dest': str(dest)}}]}]
        (self.folder / 'play.yaml').write_text(json.dumps(play))
        done = subprocess.run(
            [str(pathlib.Path(sys.executable).parent / 'ansible-playbook'),
             '-i', 'localhost,', str(self.folder / 'play.yaml')],
            cwd=PLAYBOOKS, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={
                **os.environ, 'ANSIBLE_CONFIG': str(PLAYBOOKS
                                                    / 'ansible.cfg')})
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertEqual('text', (dest / 'bin' / 'tool').read_text())
