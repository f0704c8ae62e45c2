# SPDX-License-Identifier: Apache-2.0
"""What a runner of steps promises: the same is asked of real Ansible and of
the one of the tests, which gives recorded events."""
import json
import threading
import time

from oslo_config import cfg

from baas.runner import playbook
from baas.tests.conductor import base
from baas.tests.conductor import recorded


class RunnerContract:
    """A mixin; the class gives ``run``."""

    def step(self, step='snapshot', minutes=10, on_change=lambda seen: None,
             stop=lambda: False, **variables):
        """Run a step of a backup; give its progress."""
        self.work = self.service.folder / 'work' / 'step'
        return self.run_step(
            'backup', step, {
                'baas_nodes': 'controller-0,controller-1', 'baas_job': 'j',
                'baas_epoch': 7, 'baas_folder': str(self.service.folder),
                **variables},
            work=self.work, minutes=minutes, on_change=on_change, stop=stop,
            conf=cfg.CONF)

    def test_what_the_nodes_say_is_what_is_seen(self):
        self.scenario({'snapshot': {
            '*': {'result': {'outage': 2.0}},
            'controller-1': {'verb': 'wait_healthy', 'result': {}}}})
        seen = self.step()
        self.assertEqual(('successful', None, 'Act', 100, {}), (
            seen.status, seen.trouble, seen.task, seen.percent,
            seen.failures))
        self.assertEqual({'controller-0': {'snapshot': {'outage': 2.0}},
                          'controller-1': {'wait_healthy': {}}}, seen.results)
        self.assertEqual(
            {node: {'state': 'running', 'task': 'Act', 'percent': 100}
             for node in ('controller-0', 'controller-1')}, seen.nodes)
        self.assertEqual([('info', None, 'Act'),
                          ('info', 'controller-0', 'snapshot: outage 2.0.')],
                         seen.notes)
        self.assertEqual({('snapshot', 7)}, {
            (entry['step'], entry['epoch']) for entry in self.done()})

    def test_a_node_that_fails_is_named_and_the_others_go_on(self):
        self.scenario({'snapshot': {'controller-0': {'fail': 'No room.'}}})
        seen = self.step()
        self.assertEqual('failed', seen.status)
        self.assertIsNone(seen.trouble)
        self.assertEqual({'controller-0': {
            'cause': 'No room.', 'hint': 'Do better.', 'task': 'Act'}},
            seen.failures)
        self.assertEqual('error', seen.nodes['controller-0']['state'])
        self.assertEqual({'controller-1': {'snapshot': {}}}, seen.results)
        self.assertIn(('error', 'controller-0', 'No room.'), seen.notes)

    def test_a_node_that_is_silent_is_known_from_one_that_refuses(self):
        self.scenario({'snapshot': {
            'controller-0': {'unreachable': 'ssh: connect to host '
                             'controller-0 port 22: No route to host'},
            'controller-1': {'unreachable': 'ssh: connect to host '
                             'controller-1 port 22: Connection refused'}}})
        seen = self.step(baas_nodes='controller-0,controller-1,controller-2',
                         minutes=10)
        self.assertEqual('failed', seen.status)
        self.assertIsNone(seen.trouble)
        self.assertEqual({'controller-0', 'controller-1'},
                         set(seen.failures))
        for number, why in enumerate(('No route to host',
                                      'Connection refused')):
            self.assertRegex(
                seen.failures[f'controller-{number}']['cause'],
                '^The node cannot be reached over SSH: .* ssh: connect to '
                rf'host controller-{number} port 22: {why}\.$')
        self.assertEqual({'controller-0'}, seen.silent)
        self.assertEqual({'controller-2': {'snapshot': {}}}, seen.results)
        self.assertEqual(['controller-2'],
                         [entry['node'] for entry in self.done()])

    def test_of_the_other_members_those_act_whom_the_scenario_names(self):
        self.scenario({'snapshot': {'controller-2': {'result': {'a': 1}},
                                    '*': {}}})
        seen = self.step(baas_peers='controller-2,undercloud-0')
        self.assertEqual({'a': 1}, seen.results['controller-2']['snapshot'])
        self.assertNotIn('undercloud-0', seen.results)
        self.assertEqual(0, seen.nodes['undercloud-0']['percent'])

    def test_where_nobody_is_meant_nothing_is_done_and_nothing_fails(self):
        seen = self.step(baas_nodes='nobody')
        self.assertEqual(('successful', {}, [], None), (
            seen.status, seen.nodes, self.done(), seen.task))

    def test_what_was_told_is_kept_in_the_working_folder(self):
        self.step(baas_options={'controller-0': {'a': [1]}})
        told = json.loads((self.work / 'env' / 'extravars').read_text())
        self.assertEqual({'controller-0': {'a': [1]}}, told['baas_options'])
        self.assertEqual(0o700, self.work.stat().st_mode & 0o777)

    def test_whoever_wants_it_to_stop_is_heard_in_its_middle(self):
        self.scenario({'snapshot': {'*': {'sleep': 600}}})
        stop, began = threading.Event(), time.monotonic()
        seen = self.step(
            on_change=lambda seen: stop.set(), stop=stop.is_set)
        self.assertEqual(('canceled', {}), (seen.status, seen.results))
        self.assertLess(time.monotonic() - began, 300)

    def test_one_that_takes_too_long_is_ended(self):
        self.scenario({'snapshot': {'*': {'sleep': 600}}})
        began = time.monotonic()
        seen = self.step(minutes=0.05)
        self.assertEqual(('timeout', {}), (seen.status, seen.results))
        self.assertLess(time.monotonic() - began, 300)

    def test_who_is_told_of_changes_cannot_end_it_by_a_mistake(self):
        def fail(seen):
            raise ValueError('a mistake')
        self.assertEqual('successful', self.step(on_change=fail).status)


class AnsibleTest(RunnerContract, base.ConductorTest):
    run_step = staticmethod(playbook.run)


class RecordedTest(RunnerContract, base.ConductorTest):
    run_step = staticmethod(recorded.run)
