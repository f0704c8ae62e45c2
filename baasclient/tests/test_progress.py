# SPDX-License-Identifier: Apache-2.0
"""How values and progress look."""
import io
import unittest

from baasclient import columns
from baasclient import plan
from baasclient import progress

READING = {'state': 'running', 'task': 'reading files', 'percent': 42,
           'bytes_done': 310 * 2 ** 20}


def step(name, state, nodes=None, percent=0):
    """Make a step as the service shows it."""
    return {'name': name, 'state': state, 'percent': percent, 'task': None,
            'nodes': nodes or {}}


def job(*steps, state='running'):
    """Make a job as the service shows it."""
    return {'id': 'a', 'state': state, 'target': 'overcloud', 'node': None,
            'percent': 7, 'kind': 'backup', 'steps': list(steps)}


class ProgressTest(unittest.TestCase):

    def test_the_title_says_what_a_job_is_of(self):
        for kind, more, what in (
                ('cleanup', {}, 'cleanup of the overcloud'),
                ('purge', {}, 'purge of the overcloud'),
                ('verify', {}, 'verify of the overcloud'),
                ('verify', {'backup_id': 'b'}, 'verify of backup b'),
                ('restore-plan', {'backup_id': 'b', 'node': 'ctl-0'},
                 'plan of backup b (ctl-0)'),
                ('restore-set-plan', {'options': {'set_id': 's'}},
                 'plan of set s (overcloud)'),
                ('restore-set', {'options': {'set_id': 's'}},
                 'restore of set s (overcloud)')):
            self.assertEqual(f'Job a: {what}', progress.title(
                {**job(), 'backup_id': None, 'kind': kind, **more}))

    def test_a_node_is_in_the_step_that_the_job_is_at(self):
        self.assertEqual(
            {'a': ('verify', {})},
            progress.nodes(job(step('capture', 'done', {'a': READING}),
                               step('verify', 'running'),
                               step('release', 'waiting'))))

    def test_a_node_that_failed_stays_where_it_failed(self):
        failed = {'state': 'error', 'task': 'no space'}
        found = progress.nodes(job(
            step('capture', 'done', {'a': failed, 'b': READING}),
            step('verify', 'running', {'b': READING})))
        self.assertEqual({'a': ('capture', failed),
                          'b': ('verify', READING)}, found)
        self.assertEqual(('', '', 'failed: no space'),
                         progress.node_cells(failed))

    def test_a_job_without_any_node_yet_shows_its_target(self):
        stream = io.StringIO()
        progress.Screen(stream).show(job(step('check', 'running')))
        self.assertIn('\novercloud  check    0 %', stream.getvalue())

    def test_what_is_noted_stays_below_what_was_drawn(self):
        stream = io.StringIO()
        screen = progress.Screen(stream)
        screen.show(job(step('check', 'running')))
        screen.note('no\x1b[2J answer')
        screen.show(job(step('check', 'running')))
        noted, again = stream.getvalue().split('no [2J answer\n')
        self.assertTrue(noted.endswith('\x1b[J'))
        self.assertFalse(again.startswith('\x1b['), 'it is drawn over')

    def test_a_queued_job_is_one_line(self):
        stream = io.StringIO()
        progress.Screen(stream).show(
            job(step('check', 'waiting'), state='queued'))
        self.assertRegex(stream.getvalue(),
                         r'^Job a  queued  0:00[^\n]*\n\S*$')

    def test_more_nodes_than_the_terminal_has_lines_are_counted(self):
        nodes = {'node-%03d' % number: READING for number in range(100)}
        stream = io.StringIO()
        progress.Screen(stream).show(job(step('capture', 'running', nodes)))
        lines = stream.getvalue().splitlines()
        self.assertEqual('and 79 more nodes\x1b[K', lines[22])
        self.assertEqual(['\x1b[J'], lines[23:])

    def test_lines_are_cut_to_the_terminal(self):
        nodes = {'a': dict(READING, task='x' * 500)}
        stream = io.StringIO()
        progress.Screen(stream).show(job(step('capture', 'running', nodes)))
        self.assertLess(max(map(len, stream.getvalue().splitlines())),
                        80 + len('\x1b[K'))

    def test_a_title_says_what_a_job_works_on(self):
        self.assertEqual('Job a: backup of the overcloud',
                         progress.title(job()))
        self.assertIn(': check of the ', progress.title(
            dict(job(), kind='check')))
        restore = dict(job(), kind='restore', backup_id='b', node='c')
        self.assertEqual('Job a: restore of backup b (c)',
                         progress.title(restore))
        of_set = dict(job(), kind='restore-set', options={'set_id': 's'})
        self.assertEqual('Job a: restore of set s (overcloud)',
                         progress.title(of_set))


class ColumnsTest(unittest.TestCase):
    def test_bytes_have_three_digits_at_most_and_a_unit(self):
        for count, text in ((0, '0 B'), (1023, '1023 B'), (1024, '1.0 KiB'),
                            (10 * 2 ** 10, '10 KiB'),
                            (310 * 2 ** 20, '310 MiB'),
                            (2 ** 30 - 1, '1.0 GiB'),
                            (5000 * 2 ** 40, '5000 TiB')):
            self.assertEqual(text, columns.human_bytes(count))

    def test_durations_have_units(self):
        for seconds, text in ((0.0, '0.0 s'), (4.25, '4.2 s'),
                              (59.96, '1 min 0 s'), (200, '3 min 20 s'),
                              (7500, '2 h 5 min'), (86400, '1 d 0 h'),
                              (164700, '1 d 21 h')):
            self.assertEqual(text, columns.human_seconds(seconds))

    def test_an_error_is_a_sentence_with_its_hint_below(self):
        self.assertEqual('no room', columns.Error(
            'no\nroom').human_readable())
        self.assertEqual('in step arm: No.\nDo.', columns.Error(
            {'step': 'arm', 'cause': 'No.', 'hint': 'Do.'}).human_readable())

    def test_disks_of_a_backup_without_a_manifest_are_not_known(self):
        self.assertEqual('a  the manifest cannot be read', plan.Disks(
            [{'node': 'a', 'disks': None}]).human_readable())

    def test_the_last_word_of_a_name_is_its_unit(self):
        names, values = columns.one(
            {'new_bytes': 2048, 'new_seconds': 200, 'bytes': 1, 'new': 7})
        self.assertEqual(['2.0 KiB', '3 min 20 s', '1 B', '7'], [
            value.human_readable() for value in values])

    def test_what_is_not_there_is_sorted_first(self):
        values = [columns.Column(value) for value in (2, None, 1, None)]
        self.assertEqual([None, None, 1, 2], [
            value.machine_readable() for value in sorted(values)])
