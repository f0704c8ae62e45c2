# SPDX-License-Identifier: Apache-2.0
import unittest

from baas.jobs import forecast

PREVIOUS = forecast.PreviousRun(
    set_id='00000000-0000-4000-8000-000000000101', outage_seconds=4.25,
    duration_seconds=200.0, stored_bytes=310 << 20)


def build(stopall=True, max_outage=None, previous=None, nodes=()):
    """Build a forecast with a deadline of 300 s and 120 s to be back."""
    return forecast.build(
        forecast.Options(stopall, max_outage, deadman_timeout=300,
                         health_timeout=120),
        previous, nodes)


class TestBuild(unittest.TestCase):

    def test_an_earlier_set_tells_the_figures(self):
        found = build(previous=PREVIOUS, nodes=[{'outage': 99.0, 'bytes': 1}])
        self.assertEqual(
            (4.25, 200.0, 310 << 20, PREVIOUS.set_id),
            (found['outage_seconds'], found['duration_seconds'],
             found['stored_bytes'], found['set_id']))
        self.assertIn('The outage is expected to last 4.25 s.',
                      found['summary'])
        self.assertIn('It is expected to add 310 MiB to the storage.',
                      found['summary'])

    def test_without_one_the_slowest_node_tells_the_outage(self):
        found = build(nodes=[{'outage': 3.0, 'bytes': 5},
                             {'outage': 7.0, 'bytes': 6}])
        self.assertEqual((7.0, None, 11), (
            found['outage_seconds'], found['duration_seconds'],
            found['stored_bytes']))
        self.assertIn('The outage is expected to last at least 7 s.',
                      found['summary'])
        self.assertIn('It is expected to add at most 0 MiB to the storage.',
                      found['summary'])

    def test_a_node_that_knows_of_no_outage_does_not_hide_another(self):
        found = build(nodes=[{'outage': 3.0}, {'outage': None}, {}])
        self.assertEqual(3.0, found['outage_seconds'])

    def test_a_node_that_does_not_know_its_size_makes_that_unknown(self):
        found = build(nodes=[{'bytes': 5}, {}])
        self.assertIsNone(found['stored_bytes'])

    def test_what_is_unknown_is_said_in_words(self):
        found = build()
        self.assertIsNone(found['outage_seconds'])
        self.assertEqual(
            ['The length of the outage is not known.',
             'How long the backup will take is not known.',
             'How much it will add to the storage is not known.',
             'There is no earlier set of this kind to go by.'],
            found['summary'][:4])

    def test_an_earlier_set_that_does_not_know_leaves_it_to_the_nodes(self):
        found = build(nodes=[{'outage': 3.0}], previous=forecast.PreviousRun(
            PREVIOUS.set_id, None, None, None))
        self.assertEqual(3.0, found['outage_seconds'])

    def test_the_bound_of_the_dead_man_is_told(self):
        found = build()
        self.assertEqual(420, found['back_within_seconds'])
        self.assertIn('within 300 s', found['summary'][-1])
        self.assertIn('120 s to be back', found['summary'][-1])

    def test_where_nothing_rests_there_is_no_outage_and_no_bound(self):
        found = build(stopall=False, max_outage=1.0,
                      nodes=[{'outage': 3.0}])
        self.assertEqual(
            (0.0, None, None),
            (found['outage_seconds'], found['back_within_seconds'],
             found['max_outage_seconds']))
        self.assertEqual('No service is quiesced.', found['summary'][0])


class TestCheck(unittest.TestCase):

    def test_more_than_may_be_is_refused_with_both_figures(self):
        with self.assertRaisesRegex(forecast.OutageTooLong,
                                    r'4\.25 s, longer .* 4 s'):
            forecast.check(build(max_outage=4.0, previous=PREVIOUS))

    def test_as_much_as_may_be_is_let_through(self):
        forecast.check(build(max_outage=4.25, previous=PREVIOUS))

    def test_what_is_unknown_is_let_through(self):
        forecast.check(build(max_outage=1.0))

    def test_without_a_limit_everything_is_let_through(self):
        forecast.check(build(previous=PREVIOUS))

    def test_where_nothing_rests_every_limit_holds(self):
        forecast.check(build(stopall=False, max_outage=0.5,
                             previous=PREVIOUS))
