# SPDX-License-Identifier: Apache-2.0
import types
import unittest

from baas.conductor.restore import machines
from baas import errors


class TestMachines(unittest.TestCase):
    known = [types.SimpleNamespace(name=name) for name in 'abc']

    def test_each_node_is_restored_onto_its_own(self):
        found = machines.Machines(('a', 'b'))
        self.assertEqual(['a', 'b'], found.lost)
        self.assertEqual({'a': self.known[0], 'b': self.known[1]},
                         found.mapping(self.known))

    def test_what_is_restored_over_is_lost_as_well(self):
        found = machines.Machines(('b',), 'a')
        self.assertEqual(('a', ['a', 'b']), (found.of('b'), found.lost))
        self.assertEqual({'b': self.known[0]}, found.mapping(self.known))

    def test_a_machine_that_the_inventory_lost_is_named(self):
        for found in (machines.Machines(('a', 'd')),
                      machines.Machines(('a',), 'd')):
            with self.assertRaises(errors.NotFound) as caught:
                found.mapping(self.known)
            self.assertIn('node d', str(caught.exception))
