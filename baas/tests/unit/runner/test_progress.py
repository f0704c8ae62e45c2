# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import unittest

from baas.runner import progress

RECORDED = pathlib.Path(__file__).parent / 'events' / 'capture.json'


class TestRecordedRun(unittest.TestCase):
    """A real run: four nodes capture; one is unreachable, one fails with a
    reason of the node program, one without a word, one does well."""

    def setUp(self):
        self.seen = progress.Progress()
        self.history = []
        for event in json.loads(RECORDED.read_text()):
            if self.seen.see(event):
                self.history.append(
                    json.loads(json.dumps(self.seen.nodes)))

    def test_percent_rises_while_the_task_runs(self):
        percents = [nodes['controller-0']['percent']
                    for nodes in self.history if 'controller-0' in nodes]
        self.assertEqual([0, 40, 80, 100], sorted(set(percents)))
        self.assertEqual(percents, sorted(percents))

    def test_bytes_and_task_of_the_program_are_shown(self):
        node = self.seen.nodes['controller-0']
        self.assertEqual(800, node['bytes_done'])
        self.assertEqual(1000, node['bytes_total'])

    def test_the_result_of_a_verb_is_kept_by_node(self):
        self.assertEqual({'snapshot': 'abc'},
                         self.seen.results['controller-0']['capture'])

    def test_an_unreachable_node_fails_with_a_hint(self):
        failure = self.seen.failures['controller-3']
        self.assertIn('cannot be reached over SSH', failure['cause'])
        self.assertIn('Connection refused', failure['cause'])
        self.assertTrue(failure['hint'])

    def test_the_reason_of_the_program_is_the_cause(self):
        self.assertEqual(
            {'cause': 'Galera is not Synced.', 'hint': 'Look at its log.',
             'task': 'Fail with a reason'},
            self.seen.failures['controller-1'])

    def test_a_task_without_a_word_still_gets_a_sentence(self):
        self.assertEqual('the command ended with 1.',
                         self.seen.failures['controller-2']['cause'])

    def test_a_node_that_did_well_has_no_failure(self):
        self.assertEqual({'controller-1', 'controller-2', 'controller-3'},
                         set(self.seen.failures))

    def test_failures_are_noted_for_the_log_once_each(self):
        errors = [node for level, node, _ in self.seen.notes
                  if level == 'error']
        self.assertEqual(['controller-3', 'controller-1', 'controller-2'],
                         errors)


class TestOneForAll(unittest.TestCase):
    """One program speaks for all nodes."""

    def setUp(self):
        self.seen = progress.Progress()

    def hear(self, event='runner_on_ok', **said):
        self.seen.see({'event': event, 'event_data': {
            'host': 'controller-0', 'task': 'Follow', 'res': {
                'stdout': json.dumps({'baas': {'verb': 'barrier', **said}})}}})

    def test_task_and_percent_are_those_of_each_node(self):
        self.hear(state='running', percent=20, task='Rest', nodes={
            'controller-0': {'task': 'waiting', 'percent': 40},
            'controller-1': {'task': 'stopping', 'percent': 10}})
        self.assertEqual(
            {'controller-0': ('waiting', 40), 'controller-1':
             ('stopping', 10)},
            {name: (node['task'], node['percent'])
             for name, node in self.seen.nodes.items()})
        self.assertEqual(('Rest', 25), (self.seen.task, self.seen.percent))

    def test_results_are_kept_by_node_and_verb_and_noted_once(self):
        nodes = {'controller-1': {'percent': 40, 'results': {
            'quiesce': {'seconds': 2.5}, 'barrier': {'probes': {}}}}}
        self.hear(state='running', percent=1, task='Rest', nodes=nodes)
        self.hear(state='done', result={'seconds': 9.0}, nodes=nodes)
        self.assertEqual({'controller-1': {
            'quiesce': {'seconds': 2.5}, 'barrier': {'probes': {}}}},
            self.seen.results)
        self.assertEqual(['quiesce: seconds 2.5.'], [
            words for _, node, words in self.seen.notes if node])

    def test_only_the_node_that_failed_fails(self):
        self.hear('runner_on_failed', state='error',
                  error={'cause': 'No.', 'hint': None}, nodes={
                      'controller-0': {'percent': 10},
                      'controller-2': {'percent': 10, 'error': {
                          'cause': 'No.', 'hint': 'Do.'}}})
        self.assertEqual({'controller-2': {
            'cause': 'No.', 'hint': 'Do.', 'task': 'Follow'}},
            self.seen.failures)

    def test_a_node_that_has_failed_is_not_blamed_again(self):
        for cause in ('First.', 'Second.'):
            self.hear('runner_on_failed', state='error',
                      error={'cause': cause, 'hint': None})
        self.assertEqual('First.',
                         self.seen.failures['controller-0']['cause'])
        self.assertEqual(1, len(self.seen.notes))

    def test_a_node_that_need_not_answer_fails_nothing(self):
        self.assertFalse(self.seen.see({
            'event': 'runner_on_unreachable', 'event_data': {
                'host': 'controller-0', 'ignore_unreachable': True,
                'res': {'msg': 'No route to host'}}}))
        self.assertEqual(({}, []), (self.seen.failures, self.seen.notes))

    def test_without_a_node_to_blame_the_cause_is_told_all_the_same(self):
        self.hear('runner_on_failed', state='error',
                  error={'cause': 'No.', 'hint': None},
                  nodes={'controller-1': {'percent': 10}})
        self.assertEqual(['No.'], [
            found['cause'] for found in self.seen.failures.values()])


class TestEnvelope(unittest.TestCase):

    def test_other_output_around_it_does_not_matter(self):
        self.assertEqual(
            {'verb': 'x'},
            progress.envelope({'stdout': 'hello\n{"baas": {"verb": "x"}}\n'}))

    def test_half_a_line_is_no_message(self):
        self.assertEqual({}, progress.envelope({'stdout': '{"baas": {"ve'}))

    def test_a_result_without_output_is_no_message(self):
        self.assertEqual({}, progress.envelope({'rc': 0}))


class TestIgnored(unittest.TestCase):

    def test_a_failure_that_the_playbook_ignores_fails_no_node(self):
        seen = progress.Progress()
        seen.see({'event': 'runner_on_failed', 'event_data': {
            'host': 'a', 'ignore_errors': True, 'res': {'msg': 'no'}}})
        self.assertEqual({}, seen.failures)

    def test_an_ignored_error_still_tells_its_result(self):
        seen = progress.Progress()
        said = {'verb': 'check', 'state': 'error', 'result': {'galera': None}}
        seen.see({'event': 'runner_on_failed', 'event_data': {
            'host': 'a', 'ignore_errors': True,
            'res': {'stdout': json.dumps({'baas': said})}}})
        self.assertEqual({'galera': None}, seen.results['a']['check'])

    def test_an_unknown_event_changes_nothing(self):
        self.assertFalse(progress.Progress().see({'event': 'verbose'}))


class TestLines(unittest.TestCase):
    """Lines for the log of the job that a worker on a node passes on."""

    def see(self, seen, verb, *lines, state='running'):
        said = {'verb': verb, 'state': state, 'percent': 1,
                'lines': [list(line) for line in lines]}
        seen.see({'event': 'runner_retry', 'event_data': {
            'host': 'n1', 'res': {'stdout': json.dumps({'baas': said})}}})

    def test_each_is_noted_once_and_in_order(self):
        seen = progress.Progress()
        self.see(seen, 'recover', (1, 'one'), (2, 'two'))
        self.see(seen, 'recover', (2, 'two'), (3, 'three'))
        # Another verb begins to count anew.
        self.see(seen, 'rescue', (1, 'four'), state='error')
        self.assertEqual(
            [('info', 'n1', line) for line in
             ('one', 'two', 'three', 'four')], seen.notes)
