# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.conductor.backup import machine
from baas.node.system import clock
from baas.node.system import host_id


def check(id, boot='1'):
    """Give what matters of what the check of a node says."""
    return {'machine_id': id, 'boot_id': boot}


class MachineTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.found = {'a': check('id-a'), 'b': check('id-b')}

    def problems(self, before=(), own_allowed=False):
        return {node: one['cause'] for node, one in machine.problems(
            self.found, dict(before), own_allowed).items()}

    def test_nodes_that_are_themselves_are_no_problem(self):
        before = {'a': 'id-a', 'b': 'id-b'}
        self.assertEqual({}, self.problems(before))
        self.assertEqual([], machine.warnings(self.found, before))

    def test_nodes_that_do_not_say_who_they_are_are_no_problem(self):
        self.found = {'a': {}, 'b': {}, 'c': check(''), 'd': check('')}
        self.assertEqual({}, self.problems({'a': 'x', 'c': 'y'}))

    @unittest.skipUnless(host_id.machine_id(), 'no /etc/machine-id')
    def test_the_machine_of_the_service_is_none_unless_it_may_be(self):
        self.found['a'] = check(host_id.machine_id(), clock.boot_id())
        self.assertIn('the service itself', self.problems()['a'])
        self.assertEqual({}, self.problems(own_allowed=True))

    def test_a_clone_of_the_machine_of_the_service_is_another_one(self):
        self.found['a'] = check(host_id.machine_id(), 'another')
        self.assertEqual({}, self.problems())

    def test_one_machine_under_two_names_is_refused(self):
        self.found['b'] = check('id-a')
        self.assertEqual({'b': 'b and a of the inventory are one machine.'},
                         self.problems())
        self.found['b'] = check('id-a', boot='2')
        self.assertEqual({}, self.problems())

    def test_nodes_that_have_changed_places_are_refused(self):
        bad = self.problems({'a': 'id-b', 'b': 'id-a'})
        self.assertIn('answers as a is b', bad['a'])
        self.assertIn('answers as b is a', bad['b'])

    def test_one_that_was_installed_anew_is_told_and_not_refused(self):
        before = {'a': 'older', 'b': 'id-b'}
        self.assertEqual({}, self.problems(before))
        [(level, node, sentence)] = machine.warnings(self.found, before)
        self.assertEqual(('warning', 'a'), (level, node))
        self.assertIn('installed anew', sentence)
