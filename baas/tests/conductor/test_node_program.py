# SPDX-License-Identifier: Apache-2.0
"""Bringing the node program to a node that still needs the one it has."""
import json
import sys
import unittest

from baas.tests.conductor import test_playbooks

PLAYBOOKS = test_playbooks.PLAYBOOKS


class TestReplace(test_playbooks.PlaybookTest):
    """The program of a node whose journal is open."""

    def setUp(self):
        super().setUp()
        self.node, self.source = self.folder / 'node', self.folder / 'source'
        for folder, text in ((self.node, 'old'), (self.source, 'new')):
            folder.mkdir()
            (folder / 'baas-node').write_text(text)
        (self.source / 'bin').mkdir()
        (self.source / 'bin' / 'restic').write_text('text')

    def bring(self, journal=None):
        """Bring the program for job mine: (exit status, output)."""
        if journal is not None:
            (self.node / 'journal.json').write_text(
                journal if isinstance(journal, str) else json.dumps(journal))
        play = [{'hosts': 'localhost', 'connection': 'local',
                 'gather_facts': False, 'roles': [{
                     'role': 'node_program', 'node_program_job': 'mine',
                     'node_program_source': str(self.source),
                     'node_program_folder': str(self.node)}]}]
        (self.folder / 'play.yaml').write_text(json.dumps(play))
        return self.play(self.folder / 'play.yaml', '-v')

    def assertBrought(self, journal=None):
        status, said = self.bring(journal)
        self.assertEqual(0, status, said)
        self.assertEqual(
            (self.source / 'baas-node').read_text(),
            (self.node / 'baas-node').read_text())
        self.assertTrue((self.node / 'bin' / 'restic').exists())

    def assertRefused(self, journal, wanted):
        status, said = self.bring(journal)
        self.assertNotEqual(0, status, said)
        self.assertIn(wanted, said)
        self.assertEqual('old', (self.node / 'baas-node').read_text())
        self.assertFalse((self.node / 'bin').exists())

    def test_it_is_kept_while_another_job_has_to_be_released(self):
        self.assertRefused(
            {'job': 'dead', 'epoch': 3, 'closed': False},
            'Job dead has not been released on this node')
        self.assertRefused(
            {'job': 'dead', 'epoch': 3, 'closed': False},
            f'{self.node}/baas-node release --job dead --epoch 3')

    def test_it_is_kept_while_nobody_can_read_the_journal(self):
        self.assertRefused('{"job": ', 'journal.json cannot be read')
        self.assertRefused('[]', 'journal.json cannot be read')

    def test_it_is_replaced_once_the_other_job_is_released(self):
        self.assertBrought({'job': 'dead', 'epoch': 3, 'closed': True})

    def test_it_is_replaced_for_its_own_job(self):
        self.assertBrought({'job': 'mine', 'epoch': 3, 'closed': False})

    def test_the_same_version_is_no_hindrance(self):
        (self.source / 'baas-node').write_text('old')
        self.assertBrought({'job': 'dead', 'epoch': 3, 'closed': False})

    def test_where_there_is_none_it_is_brought(self):
        (self.node / 'baas-node').unlink()
        self.assertBrought({'job': 'dead', 'epoch': 3, 'closed': False})


_VERSION = """\
import json
import pathlib
import sys

here = pathlib.Path(__file__).parent
with open(here / 'calls', 'a') as file:
    print('{version}', *sys.argv[1:3], sys.argv[3], file=file)
if sys.argv[1:4] == ['release', '--job', 'dead']:
    (here / 'journal.json').write_text(json.dumps(
        {{'job': 'dead', 'epoch': 3, 'closed': True}}))
print(json.dumps({{'baas': {{'verb': sys.argv[1], 'state': 'done',
                          'result': {{}}}}}}))
"""


class TestLeftover(test_playbooks.PlaybookTest):
    """A job meets what a dead one of another version has left."""

    def prepare(self, *there):
        """Play the step on a node that has programs; give what was called."""
        node = self.folder / 'node'
        for folder in (node, self.folder / 'program',
                       self.folder / 'secrets' / 'localhost'):
            folder.mkdir(parents=True)
        for path in there:
            (node / path).write_text(_VERSION.format(version='old'))
        (node / 'journal.json').write_text(json.dumps(
            {'job': 'dead', 'epoch': 3, 'closed': False}))
        (self.folder / 'program' / 'baas-node').write_text(
            _VERSION.format(version='new'))
        status, said = self.play(
            PLAYBOOKS / 'steps/backup/prepare.yaml', '-v', '-c', 'local',
            '-e', json.dumps({
                'baas_nodes': 'localhost', 'baas_job': 'mine',
                'baas_epoch': 1, 'baas_folder': str(self.folder),
                'baas_options': {'localhost': {}}, 'ansible_become': False,
                'baas_damaged': 'nobody',
                'baas_leftovers': {'localhost': {'job': 'dead', 'epoch': 3}},
                'node_program_folder': str(node),
                'verb_program': str(node / 'baas-node'),
                'credentials_folder': str(self.folder / 'run'),
                'ansible_python_interpreter': sys.executable}))
        self.assertEqual(0, status, said)
        return [line.split()[:2] for line in
                (node / 'calls').read_text().splitlines()]

    def test_the_program_that_began_it_releases_it_before_it_is_replaced(self):
        self.assertEqual([['old', 'release'], ['new', 'release'],
                          ['new', 'prepare']], self.prepare('baas-node')[:3])

    def test_where_that_program_is_gone_the_new_one_releases_it(self):
        self.assertEqual([['new', 'release'], ['new', 'prepare']],
                         self.prepare()[:2])


if __name__ == '__main__':
    unittest.main()
