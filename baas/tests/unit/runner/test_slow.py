# SPDX-License-Identifier: Apache-2.0
"""Inventories that take long."""
import pathlib
import stat
import time

from baas.runner import inventory
from baas.runner import latest
from baas.tests.unit.runner import test_inventory

_HANGS = '''#!/bin/sh
[ -e {folder}/hang ] || exec cat {folder}/hosts.json
echo $$ > {folder}/pid
sleep 1000
'''


class SlowTest(test_inventory.InventoryTest):
    """A script that hangs."""

    def setUp(self):
        super().setUp()
        (self.folder / 'hosts.json').write_text(
            '{"Controller": {"hosts": ["a"]}}')
        path = self.place(_HANGS.format(folder=self.folder), 'script')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        self.addCleanup(setattr, inventory, '_latest', inventory._latest)
        inventory._latest = latest.Latest('inventory', 1.5, 1)

    def hang(self):
        """Let the script hang from now on, and be given up soon. Until then
        it has all the time that Ansible needs on a busy machine."""
        (self.folder / 'hang').touch()
        self.conf.set_override('inventory_timeout', 10, 'runner')

    def family(self):
        """Tell whether the script, or what it has started, still runs."""
        if not (self.folder / 'pid').exists():
            return []  # a slow machine has not come that far
        pid = (self.folder / 'pid').read_text().strip()
        found = []
        for place in pathlib.Path('/proc').glob('[0-9]*/stat'):
            try:
                words = place.read_text().rpartition(')')[2].split()
            except OSError:
                continue
            if words[0] != 'Z' and pid in (place.parent.name, words[1]):
                found.append(place.parent.name)
        return found

    def ansible(self):
        """Name the processes that still read the inventory."""
        found = []
        for place in pathlib.Path('/proc').glob('[0-9]*/cmdline'):
            try:
                words = place.read_bytes()
            except OSError:
                continue
            if bytes(self.folder) in words:
                found.append(place.parent.name)
        return found

    def demand_none_left(self, seconds=30):
        """See that all have ended, or do so now."""
        until = time.monotonic() + seconds
        while self.family() or self.ansible():
            self.assertLess(time.monotonic(), until, 'they go on')
            time.sleep(0.1)

    def test_it_is_ended_with_its_children_and_named(self):
        inventory._latest = latest.Latest('inventory', 600, 1)
        self.hang()
        began = time.monotonic()
        with self.assertRaisesRegex(inventory.InventoryError,
                                    'within 10 seconds'):
            self.nodes()
        self.assertLess(time.monotonic() - began, 60)
        self.demand_none_left()
        # Nobody waits for it again at once.
        self.conf.set_override('inventory_timeout', 120, 'runner')
        began = time.monotonic()
        with self.assertRaises(inventory.InventoryError):
            self.nodes()
        self.assertLess(time.monotonic() - began, 60)

    def test_a_template_that_takes_for_ever_is_given_up(self):
        self.conf.set_override('inventory_timeout', 4, 'runner')
        self.place('Controller: {hosts: {a: {ansible_host: '
                   '"{{ lookup(\'pipe\', \'sleep 1000\') }}"}}}\n')
        began = time.monotonic()
        with self.assertRaisesRegex(inventory.InventoryError,
                                    'within 4 seconds'):
            self.nodes()
        self.assertLess(time.monotonic() - began, 60)
        self.demand_none_left()

    def test_what_was_known_is_served_meanwhile(self):
        self.assertEqual(['a'], self.names())
        self.hang()
        self.conf.set_override('inventory_timeout', 30, 'runner')
        time.sleep(1.6)
        self.assertEqual(['a'], self.names())
        self.assertEqual(['a'], self.names())
        until = time.monotonic() + 60
        while not self.family():
            self.assertLess(time.monotonic(), until, 'it does not hang')
            time.sleep(0.1)
        self.demand_none_left(120)
