# SPDX-License-Identifier: Apache-2.0
"""baas-manage inventory check, as an operator runs it."""
import pathlib
import tempfile
import unittest

from baas.tests.functional import forked

SAMPLES = pathlib.Path(__file__).parents[1] / 'unit/runner/inventories'
KEY = ('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDb0WrZkLkDyPzrY0oDSLG2iyrN5x6W2o'
       'GsjOdvy1VCy')


class InventoryCheckTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.state = self.folder / 'state'
        self.inventory = self.folder / 'hosts.yaml'

    def check(self, *words, undercloud='Undercloud'):
        """Run the command; give its exit status and what it says."""
        config = self.folder / 'baas.conf'
        config.write_text(
            f'[DEFAULT]\nstate_path = {self.state}\n'
            f'[targets]\nundercloud = {undercloud}\n'
            f'[runner]\ninventory = {self.inventory}\n'
            'inventory_timeout = 600\n')
        done = forked.run('manage', '--config-file', str(config),
                          'inventory', 'check', *words)
        self.assertNotIn('Traceback', done.stdout + done.stderr)
        self.assertNotIn('not-to-be-seen', done.stdout + done.stderr)
        # It needs no database, and makes nothing.
        self.assertFalse(self.state.exists())
        return done.returncode, done.stdout + done.stderr

    def test_it_is_a_table_and_what_is_wrong_with_a_hint(self):
        self.inventory.write_text((SAMPLES / 'tripleo.yaml').read_text())
        status, said = self.check()
        self.assertEqual(1, status, said)
        lines = [' '.join(line.split()) for line in said.splitlines()]
        self.assertIn('target node reached at bare metal own machine', lines)
        self.assertIn('overcloud prod-controller-0 tripleo-admin@192.0.2.11 - '
                      'no', lines)
        self.assertIn('undercloud undercloud tripleo-admin@localhost - yes',
                      lines)
        self.assertIn('wrong: undercloud is the machine that the service '
                      'itself runs on, by ansible_host=localhost of the '
                      'inventory.', lines)
        self.assertRegex(said, '\n  hint: Get the key of the host with')
        self.assertIn('note: prod-controller-0 has no bare metal id', said)
        self.assertRegex(lines[-1], r'^It cannot be used: \d+ things are')

    def test_its_status_is_0_when_it_can_be_used(self):
        known = self.folder / 'known_hosts'
        known.write_text(f'192.0.2.11 {KEY}\n')
        self.inventory.write_text(
            'Controller: {hosts: {a: {ansible_host: 192.0.2.11, '
            f'ansible_ssh_common_args: "-o UserKnownHostsFile={known}"'
            '}}}\n')
        status, said = self.check('--target', 'overcloud')
        self.assertEqual(0, status, said)
        self.assertTrue(said.endswith('\nIt can be used.\n'), said)
        status, said = self.check()
        self.assertEqual(1, status, said)
        self.assertIn('wrong: Undercloud, which [targets] undercloud names, '
                      'is no group of the inventory.', said)
        self.assertEqual(0, self.check(undercloud='')[0])

    def test_an_inventory_that_cannot_be_read_is_an_error(self):
        self.inventory.write_text('Controller: [not-to-be-seen\n')
        status, said = self.check()
        self.assertEqual(1, status)
        self.assertRegex(said, '^error: Ansible does not understand the '
                               f'inventory {self.inventory}.*\n  hint: Corr')
