# SPDX-License-Identifier: Apache-2.0
import collections
import datetime
import unittest

from baas.jobs import disks
from baas.jobs import plans
from baas.jobs import restore_plan

BEGUN = datetime.datetime(2026, 1, 1)
Row = collections.namedtuple('Row', (
    'id', 'kind', 'target', 'node', 'started_at', 'finished_at',
    'recover_at', 'recovered_at', 'size_bytes'))


def row(id, node='a', *, kind='restore', target='overcloud', whole=100,
        recover=60, size=1000):
    """Make what the database says of a restore."""
    after = [BEGUN + datetime.timedelta(seconds=seconds)
             for seconds in (0, whole, 10, 10 + recover)]
    return Row(id, kind, target, node, *after, size)


def choose(*rows, kind='restore', node='a'):
    """Choose of rows for a restore of the overcloud."""
    return restore_plan.choose(rows, kind, node, 'overcloud')


def machine(**more):
    """Make what is known of a machine."""
    return {'node': 'a', 'restored_as': 'a', 'backup_id': 'b1',
            'size_bytes': 1000,
            'creation_date': '2026-01-01T00:00:00.000Z',
            'age_seconds': 3720.0, 'boot_method': 'ssh', 'boot_mode': None,
            'boot': 'It is there', 'disks': [], **more}


class TestSteps(unittest.TestCase):

    def test_each_step_of_a_restore_says_what_it_does(self):
        for kind in ('restore', 'restore-set'):
            found = restore_plan.build(kind, [machine()])
            self.assertEqual([step.name for step in plans.build(kind)],
                             [step['name'] for step in found['steps']])


class TestDuration(unittest.TestCase):

    def test_the_newest_restore_of_the_node_goes_before_all_others(self):
        self.assertEqual('mine', choose(
            row('other', 'b'), row('mine'), row('old')).id)

    def test_then_one_of_the_same_target(self):
        self.assertEqual('near', choose(
            row('far', 'c', target='undercloud'), row('near', 'b'),
            row('set', None, kind='restore-set')).id)

    def test_one_of_another_node_must_tell_how_many_bytes_it_took(self):
        self.assertIsNone(choose(row('other', 'b', size=None)))
        self.assertEqual('mine', choose(row('mine', size=None)).id)

    def test_files_take_as_long_as_there_are_bytes_and_the_rest_does_not(self):
        previous = choose(row('mine', whole=100, recover=60, size=1000))
        self.assertEqual(40 + 120, restore_plan.duration(previous, 2000))

    def test_without_bytes_the_node_takes_as_long_as_before(self):
        previous = choose(row('mine', whole=100, size=None))
        self.assertEqual(100, restore_plan.duration(previous, 2000))
        other = choose(row('other', 'b'))
        self.assertIsNone(restore_plan.duration(other, None))
        self.assertIsNone(restore_plan.duration(None, 2000))

    def test_of_a_set_the_largest_backup_counts(self):
        found = restore_plan.build(
            'restore-set', [machine(size_bytes=500),
                            machine(size_bytes=2000)],
            previous=choose(row('set', None, kind='restore-set'),
                            kind='restore-set', node=None))
        self.assertEqual((160, 'set'), (found['duration_seconds'],
                                        found['restore_id']))


class TestSentences(unittest.TestCase):

    def said(self, one, **more):
        """Build a plan; give what it says, in one piece."""
        return ' '.join(restore_plan.build('restore', [one], **more)[
            'summary'])

    def test_the_age_of_the_backup_is_what_is_lost(self):
        self.assertIn('what has changed on it in the 1 h 2 min since then '
                      'is lost', self.said(machine()))
        self.assertIn('in the 2 d 1 h since', self.said(
            machine(age_seconds=49 * 3600)))

    def test_what_is_not_known_is_said(self):
        layout = {'filesystems': [{'mountpoint': '/', 'device': '/dev/sda3'}]}
        said = self.said(machine(disks=disks.mapping(layout)))
        self.assertIn('is not known before the rescue system runs', said)
        self.assertIn('How long the restore will take is not known.', said)
        said = self.said(machine(disks=disks.mapping(
            layout, {'/': '/dev/vda2'})))
        self.assertNotIn('rescue system runs', said)

    def test_what_comes_from_the_living_and_who_is_silent_is_said(self):
        said = self.said(machine(), reachable_members=['b'],
                         unreachable_members=['c'], from_members=[
                             {'what': 'The database', 'members': ['b']}])
        self.assertIn('The database comes from b.', said)
        self.assertIn('No answer came from c.', said)

    def test_what_the_living_do_not_agree_on_is_said(self):
        self.assertIn('The running members do not have the same /etc/keys/*: '
                      'that of the backup stays.', self.said(
                          machine(), reachable_members=['b'],
                          differing=['/etc/keys/*']))

    def test_what_fails_now_is_said(self):
        self.assertIn('Fails now on a: No disk.', self.said(
            machine(), problems=[{'node': 'a', 'cause': 'No disk.',
                                  'hint': None}]))
