# SPDX-License-Identifier: Apache-2.0
"""The commands that are ours beside another plugin that claims `openstack
backup ...`, as the one of Freezer does."""
from importlib import metadata
import pathlib
import subprocess

from baasclient.tests import base

# What python-freezerclient 6.5.0 calls its commands.
CLAIMED = ('backup_create', 'backup_list', 'backup_show', 'backup_delete',
           'backup_job_list', 'backup_job_show')
OURS = 'control_plane_'
_PLUGIN = '''
API_NAME = 'stranger'
API_VERSION_OPTION = 'os_stranger_api_version'
DEFAULT_API_VERSION = '1'
API_VERSIONS = {'1': 'stranger.Client'}


def make_client(instance):
    return None


def build_option_parser(parser):
    return parser
'''
_COMMANDS = '''
from osc_lib.command import command


class Claimed(command.Command):
    """A command of somebody else"""

    def take_action(self, parsed_args):
        self.app.stdout.write('a stranger has answered\\n')
'''


class TestFamilies(base.ShellTestCase):

    def setUp(self):
        super().setUp()
        place = pathlib.Path(self.folder, 'stranger')
        (place / 'stranger').mkdir(parents=True)
        (place / 'stranger' / '__init__.py').write_text(_PLUGIN)
        (place / 'stranger' / 'commands.py').write_text(_COMMANDS)
        about = place / 'stranger-1.0.dist-info'
        about.mkdir()
        (about / 'METADATA').write_text(
            'Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n')
        (about / 'entry_points.txt').write_text(
            '[openstack.cli.extension]\nstranger = stranger\n'
            '[openstack.stranger.v1]\n' + ''.join(
                f'{name} = stranger.commands:Claimed\n' for name in CLAIMED))
        self.environment['PYTHONPATH'] = str(place)

    def run_beside(self, *words):
        process = self.real(words, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
        out, err = process.communicate(timeout=60)
        self.assertEqual(0, process.returncode, err)
        return out

    def test_each_short_command_is_in_the_family_that_is_ours(self):
        found = {entry.name: entry.value for entry
                 in metadata.entry_points(group='openstack.baas.v1')}
        short = {name: value for name, value in found.items()
                 if name.startswith('backup_')}
        self.assertIn('backup_create', short)
        self.assertEqual(short, {
            name.removeprefix(OURS): value for name, value in found.items()
            if name.startswith(OURS)})

    def test_ours_answer_beside_a_plugin_that_claims_the_short_ones(self):
        ids = base.add_set()
        listed = self.run_beside('control', 'plane', 'backup', 'list',
                                 '-f', 'value', '-c', 'ID')
        self.assertEqual(sorted(ids), sorted(listed.split()))
        shown = self.run_beside('control', 'plane', 'backup', 'show', ids[0],
                                '-f', 'value', '-c', 'id')
        self.assertEqual(ids[0], shown.strip())
        self.assertEqual('', self.run_beside(
            'control', 'plane', 'backup', 'job', 'list', '-f', 'value'))

    def test_commands_of_a_target_answer_beside_it(self):
        ids = base.add_set()
        listed = self.run_beside('overcloud', 'backup', 'list', '-f',
                                 'value', '-c', 'ID')
        self.assertEqual(sorted(ids), sorted(listed.split()))
