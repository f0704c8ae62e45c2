# SPDX-License-Identifier: Apache-2.0
"""What follows a good run is begun once, in order, whoever dies."""
import sqlalchemy as sa

from baas.conductor.schedules import duties
from baas.conductor.schedules import follow
from baas.db import jobs
from baas.db.retention import cleanups
from baas.db.schedule import followers
from baas.db.schedule import pauses
from baas.db.schedule import schedule_runs
from baas.db.schedule import schedules
from baas.db import session
from baas.requests import followers as requests
from baas.requests import schedules as schedule_requests
from baas.requests import submit
from baas.schedules import due
from baas.tests import fixtures
from baas.tests.unit.conductor.schedules import base
from baas.tests.unit.conductor.schedules.base import AT_ONE
from baas.tests.unit.conductor.schedules.base import MINUTE
from baas.tests.unit.conductor.schedules import deaths

FOLLOWERS = followers.FOLLOWERS


class Followed(base.SchedulerTest):
    """A schedule with a clean-up after each run, and one run at work."""
    then = ('cleanup',)

    def setUp(self):
        super().setUp()
        self.policy = fixtures.add_cleanup(target='overcloud')
        self.one = self.add(then=list(self.then))
        self.look()
        [self.backup] = self.jobs()

    def follow(self):
        """Do the duty once."""
        follow.begin_next(base.cfg.CONF)

    def cleanups(self):
        """Give the rows of all clean-up jobs, oldest first."""
        return jobs.page(filters={'kind': 'cleanup'},
                         sort=[('created_at', 'asc')])

    def rows(self):
        """Give (action, state, reason) of what follows, in order."""
        with session.reader() as connection:
            return [tuple(row) for row in connection.execute(sa.select(
                FOLLOWERS.c.action, FOLLOWERS.c.state, FOLLOWERS.c.reason)
                .order_by(FOLLOWERS.c.run_id, FOLLOWERS.c.position))]


class VerifyTest(Followed):
    then = ('verify', 'cleanup')

    def test_all_that_is_stored_of_the_target_is_verified_first(self):
        self.end(self.backup)
        self.follow()
        [job] = jobs.page(filters={'kind': 'verify'})
        self.assertEqual(('overcloud', None, 1.0), (
            job.target, job.node, job.options['share']))
        self.follow()
        self.assertEqual([], self.cleanups())
        self.end(job)
        self.follow()
        self.assertEqual(1, len(self.cleanups()))


class FollowTest(Followed):

    def test_a_clean_up_follows_a_good_run_once(self):
        self.follow()
        self.assertEqual([], self.cleanups())
        self.end(self.backup)
        self.follow()
        self.follow()
        [job] = self.cleanups()
        self.assertEqual(
            ({'policy': self.policy, 'schedule_id': self.one}, 'keeper',
             'req-of-the-keeper'), (job.options, job.user_id,
                                    job.request_id))
        self.end(job)
        self.follow()
        self.assertEqual([('cleanup', 'submitted', None)], self.rows())
        self.assertEqual(1, len(self.cleanups()))

    def test_nothing_follows_a_run_that_failed_or_was_cancelled(self):
        for event, state in (('fail', 'error'), ('cancel', 'cancelled')):
            if event == 'cancel':
                self.backup = schedule_requests.begin_now(
                    schedules.get(self.one))
                jobs.move(self.backup.id, event)
            else:
                self.end(self.backup, event)
            self.follow()
            self.assertEqual(
                ('cleanup', 'skipped',
                 f'The backup did not end well: its job is {state}.'),
                self.rows()[-1])
        self.assertEqual([], self.cleanups())

    def test_a_run_by_hand_is_followed_too(self):
        self.end(self.backup)
        self.follow()
        self.end(self.cleanups()[0])
        self.end(schedule_requests.begin_now(schedules.get(self.one)))
        self.follow()
        self.assertEqual(2, len(self.cleanups()))

    def test_while_the_target_is_busy_it_waits(self):
        self.end(self.backup)
        busy = submit.backup('overcloud', stopall=False)
        self.follow()
        self.assertRegex(self.rows()[0][2], f'Job {busy.id} is at work')
        self.end(busy)
        self.follow()
        self.assertEqual([('cleanup', 'submitted', None)], self.rows())

    def test_while_schedules_are_paused_it_waits(self):
        self.end(self.backup)
        pauses.begin(until=None, reason='A test.', user_id='me')
        self.follow()
        [(_action, state, reason)] = self.rows()
        self.assertEqual('waiting', state)
        self.assertRegex(reason, 'paused by me at .*: A test.')
        pauses.end()
        self.follow()
        self.assertEqual(1, len(self.cleanups()))

    def test_a_policy_that_is_gone_skips_it_with_the_reason(self):
        with session.writer() as connection:
            connection.execute(sa.delete(cleanups.CLEANUPS))
        self.end(self.backup)
        self.follow()
        [(_action, state, reason)] = self.rows()
        self.assertEqual(('skipped', 'There is no cleanup of the overcloud.'),
                         (state, reason))

    def test_what_follows_is_what_was_wanted_when_the_run_began(self):
        self.change(self.one, then=None)
        self.end(self.backup)
        self.follow()
        self.assertEqual(1, len(self.cleanups()))

    def test_a_schedule_whose_clean_up_is_at_work_is_not_deleted(self):
        self.end(self.backup)
        self.follow()
        [job] = self.cleanups()
        with self.assertRaisesRegex(Exception, f'Job {job.id} of schedule'):
            schedules.delete(schedules.get(self.one))
        self.end(job)
        self.assertTrue(schedules.delete(schedules.get(self.one)))
        self.assertEqual([], self.rows())

    def test_what_waits_goes_with_its_schedule(self):
        self.end(self.backup)
        self.assertTrue(schedules.delete(schedules.get(self.one)))
        self.follow()
        self.assertEqual(([], []), (self.rows(), self.cleanups()))

    def test_the_sweep_begins_it_before_the_next_run(self):
        self.end(self.backup)
        duties.Duties(base.cfg.CONF).do()
        self.assertEqual(1, len(self.cleanups()))


class OrderTest(Followed):
    """Two clean-ups, as long as there is no other action."""

    def setUp(self):
        super().setUp()
        with session.writer() as connection:
            run = connection.execute(sa.select(FOLLOWERS.c.run_id)).scalar()
            connection.execute(sa.insert(FOLLOWERS).values(
                run_id=run, position=1, action=f'cleanup:{self.policy}',
                state='waiting'))
        self.end(self.backup)
        self.follow()

    def test_the_second_begins_when_the_first_has_ended_well(self):
        [first] = self.cleanups()
        self.follow()
        self.assertEqual('waiting', self.rows()[1][1])
        self.end(first)
        self.follow()
        self.assertEqual(2, len(self.cleanups()))

    def test_the_second_is_skipped_after_a_first_that_failed(self):
        self.end(self.cleanups()[0], 'fail')
        self.follow()
        self.assertEqual('skipped', self.rows()[1][1])
        self.assertRegex(self.rows()[1][2], 'did not end well: it is error')

    def test_a_word_of_a_later_release_is_skipped(self):
        with session.writer() as connection:
            connection.execute(sa.update(FOLLOWERS).where(
                FOLLOWERS.c.position == 1).values(action='rejoice'))
        self.end(self.cleanups()[0])
        self.follow()
        self.assertRegex(self.rows()[1][2], 'knows no action rejoice')


class DeathTest(Followed):

    def test_wherever_a_conductor_dies_the_next_begins_the_one_clean_up(self):
        self.end(self.backup)
        for place in deaths.at_each_place(self, self.follow):
            self.follow()
            self.follow()
            with self.subTest(place=place):
                self.assertEqual(1, len(self.cleanups()))
                self.assertEqual([('cleanup', 'submitted', None)],
                                 self.rows())
        self.assertGreater(place, 5)

    def test_one_that_died_between_tick_and_job_is_followed_all_the_same(
            self):
        self.end(self.backup)
        self.follow()
        self.end(self.cleanups()[0])
        # The tick is written down, and whoever did it is dead.
        tick = AT_ONE + base.DAY
        self.assertTrue(schedule_runs.record(
            schedules.get(self.one), [due.Run(tick, tick + base.HOUR)], tick))
        self.look(tick + MINUTE)
        self.end(self.jobs()[-1])
        self.follow()
        self.follow()
        self.assertEqual(2, len(self.cleanups()))

    def test_of_many_conductors_one_begins_it(self):
        self.end(self.backup)
        deaths.crowd(self.follow)
        self.follow()
        self.assertEqual(1, len(self.cleanups()))


class TableTest(base.SchedulerTest):

    def test_each_action_has_a_word_that_fits_into_its_column(self):
        for word in requests.ACTIONS:
            self.assertRegex(word, '^[a-z]{1,20}$')
