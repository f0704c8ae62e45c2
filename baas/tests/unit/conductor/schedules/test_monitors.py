# SPDX-License-Identifier: Apache-2.0
"""Monitors are told of the jobs of schedules, and are in nobody's way."""
import logging
import time

from oslo_db import exception as db_exception
import sqlalchemy as sa

from baas.conductor.schedules import duties
from baas.conductor.schedules import monitors
from baas.db import jobs
from baas.db.schedule import schedule_pings
from baas.db.schedule import schedules
from baas.db import session
from baas.requests import schedules as requests
from baas.tests.unit.conductor.schedules import base
from baas.tests.unit.conductor.schedules import deaths
from baas.tests.unit.conductor.schedules import monitor

PATH = f'/{monitor.SECRET}'
PINGS = schedule_pings.PINGS


class _Lines(logging.Handler):
    def __init__(self):
        super().__init__(logging.NOTSET)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


class Told(base.SchedulerTest):
    """A schedule with a monitor, and a conductor that tells it."""

    def setUp(self):
        super().setUp()
        self.monitor = monitor.Monitor()
        self.addCleanup(self.monitor.stop)
        self.monitors = monitors.Monitors()
        self.one = self.add(ping_url=self.monitor.url)
        self.log = _Lines()
        root = logging.getLogger()
        for logger in (root, logging.getLogger('baas')):
            self.addCleanup(logger.setLevel, logger.level)
            logger.setLevel(logging.DEBUG)
        root.addHandler(self.log)
        self.addCleanup(root.removeHandler, self.log)

    def run_now(self):
        """Have the schedule begin a job; give the job."""
        return requests.begin_now(schedules.get(self.one))

    def tell(self):
        """Have this conductor tell, and wait for that."""
        self.monitors.tell()
        self.monitors.wait()

    def rows(self):
        """Give (moment, state, error) of all pings."""
        with session.reader() as connection:
            return [tuple(row) for row in connection.execute(sa.select(
                PINGS.c.moment, PINGS.c.state, PINGS.c.error)
                .order_by(PINGS.c.id))]

    def later(self):
        """Let the next try be due."""
        with session.writer() as connection:
            connection.execute(sa.update(PINGS).values(
                tried_at=base.BEFORE))

    def fails(self, reason):
        """See that a ping is not sent, for a reason that tells no secret,
        and that it is once the monitor is well."""
        job = self.run_now()
        jobs.claim(job.id, 'a', 60)
        self.tell()
        self.assertEqual([('start', 'waiting', reason),
                          ('end', 'waiting', None)], self.rows())
        self.assertNotIn(monitor.SECRET, '\n'.join(self.log.lines))
        return job

    def point_to(self, port):
        schedules.change(schedules.get(self.one),
                         ping_url=f'http://127.0.0.1:{port}{PATH}')


class MonitorsTest(Told):

    def test_a_monitor_hears_of_start_and_end_once(self):
        job = self.run_now()
        self.tell()
        self.assertEqual([], self.monitor.told)
        jobs.claim(job.id, 'a', 60)
        self.tell()
        self.tell()
        started = (f'{PATH}/start', f'job {job.id}: running\n')
        self.assertEqual([started], self.monitor.told)
        jobs.move(job.id, 'finish')
        self.tell()
        self.tell()
        self.assertEqual([started, (PATH, f'job {job.id}: done\n')],
                         self.monitor.told)
        self.assertEqual([('start', 'sent', None), ('end', 'sent', None)],
                         self.rows())

    def test_it_hears_of_a_job_that_failed_or_was_cancelled(self):
        failed = self.run_now()
        jobs.claim(failed.id, 'a', 60)
        jobs.move(failed.id, 'fail')
        self.tell()
        cancelled = self.run_now()
        jobs.move(cancelled.id, 'cancel')
        self.tell()
        self.assertEqual(
            [(f'{PATH}/fail', f'job {failed.id}: error\n'),
             (f'{PATH}/fail', f'job {cancelled.id}: cancelled\n')],
            self.monitor.told)

    def test_after_the_end_it_hears_of_no_start(self):
        self.end(self.run_now())
        self.tell()
        self.assertEqual([PATH], [path for path, _body in self.monitor.told])
        self.assertEqual(['skipped', 'sent'], [row[1] for row in self.rows()])

    def test_after_a_later_run_it_hears_of_no_earlier_one(self):
        port = self.monitor.server_port
        self.point_to(monitor.unused_port())
        self.end(self.run_now())
        self.tell()
        self.end(self.run_now())
        self.point_to(port)
        self.later()
        with session.writer() as connection:  # the newer one comes first
            connection.execute(sa.update(PINGS).where(PINGS.c.id <= 2).values(
                tried_at=sa.func.datetime('now'), tries=1))
        self.tell()
        self.later()
        self.tell()
        self.assertEqual([PATH], [path for path, _body in self.monitor.told])
        self.assertEqual(['skipped', 'skipped', 'skipped', 'sent'],
                         [row[1] for row in self.rows()])

    def test_without_an_address_nobody_is_told(self):
        schedules.change(schedules.get(self.one), ping_url=None)
        self.end(self.run_now())
        self.assertEqual([], self.rows())

    def test_one_whose_address_was_taken_away_is_not_told(self):
        self.end(self.run_now())
        schedules.change(schedules.get(self.one), ping_url=None)
        self.tell()
        self.assertEqual({monitors.NOBODY}, {row[2] for row in self.rows()})
        self.assertEqual([], self.monitor.told)

    def test_no_error_of_the_database_shows_its_address(self):
        with session.writer() as connection:
            connection.execute(sa.text(
                'CREATE TRIGGER no BEFORE UPDATE ON schedules BEGIN SELECT '
                "RAISE(ABORT, 'refused'); END"))
        with self.assertRaises(db_exception.DBError) as caught:
            self.change(self.one, ping_url=self.monitor.url, name='shown')
        self.assertIn("'shown'", str(caught.exception))
        row = schedules.get(self.one)
        self.assertEqual(self.monitor.url, row.ping_url)
        for text in (str(caught.exception), repr(row),
                     '\n'.join(self.log.lines)):
            self.assertNotIn(monitor.SECRET, text)

    def test_an_error_of_the_monitor_is_tried_again(self):
        self.monitor.status = 500
        self.fails('It answers 500.')
        self.monitor.status = 200
        self.tell()
        self.assertEqual(1, len(self.monitor.told))  # not yet
        self.later()
        self.tell()
        self.assertEqual(('start', 'sent', None), self.rows()[0])

    def test_a_monitor_that_is_elsewhere_is_not_gone_after(self):
        self.monitor.status = 302
        self.fails('It answers 302: it is elsewhere.')
        self.assertEqual(1, len(self.monitor.told))

    def test_a_monitor_that_is_down_is_told_when_it_is_back(self):
        port = self.monitor.server_port
        self.point_to(monitor.unused_port())
        job = self.fails('The connection is refused.')
        self.point_to(port)
        self.later()
        jobs.move(job.id, 'finish')
        self.tell()
        self.assertEqual([(PATH, f'job {job.id}: done\n')],
                         self.monitor.told)

    def test_a_monitor_with_a_wrong_certificate_is_told_nothing(self):
        self.monitor.encrypt(self.folder)
        schedules.change(schedules.get(self.one), ping_url=self.monitor.url)
        self.fails('Its certificate cannot be verified.')
        self.assertEqual([], self.monitor.told)

    def test_a_monitor_that_does_not_exist_is_tried_again(self):
        schedules.change(schedules.get(self.one),
                         ping_url=f'http://nobody.invalid{PATH}')
        self.fails('Its name is unknown.')

    def test_a_monitor_that_does_not_answer_keeps_nobody_waiting(self):
        self.monitor.hold.clear()
        job = self.run_now()
        jobs.claim(job.id, 'a', 60)
        all_of_them = duties.Duties(base.cfg.CONF)
        all_of_them.do()  # returns, although nobody has answered
        self.assertEqual('running', jobs.get(job.id).state)
        jobs.move(job.id, 'finish')
        self.assertEqual('done', jobs.get(job.id).state)
        self.monitor.hold.set()
        all_of_them._monitors.wait()
        self.assertEqual(('start', 'sent', None), self.rows()[0])

    def test_a_monitor_that_is_too_slow_is_tried_again(self):
        self.monitor.hold.clear()
        self.monitors = monitors.Monitors(seconds=0.2)
        self.fails('It does not answer in time.')

    def test_one_that_never_takes_it_is_given_up(self):
        self.monitor.status = 500
        self.end(self.run_now())
        for _try in range(20):
            self.tell()
            self.later()
        self.assertEqual(12, len(self.monitor.told))
        self.assertRegex(self.rows()[1][2], 'not tried again: It answers 500')


class ManyTest(Told):

    def test_of_many_conductors_one_tells(self):
        self.end(self.run_now())

        def tell():
            mine = monitors.Monitors(seconds=5)
            mine.tell()
            mine.wait()

        deaths.crowd(tell)
        self.tell()
        self.assertEqual([PATH], [path for path, _body in self.monitor.told])

    def test_what_a_conductor_that_died_had_begun_another_sends(self):
        self.end(self.run_now())
        rows, _now = schedule_pings.waiting()
        self.assertTrue(schedule_pings.take(rows[1]))
        self.assertFalse(schedule_pings.take(rows[1]))
        self.tell()
        self.assertEqual([], self.monitor.told)
        self.later()
        self.tell()
        self.assertEqual([PATH], [path for path, _body in self.monitor.told])

    def test_monitors_that_hang_are_told_a_few_at_a_time(self):
        self.monitor.hold.clear()
        for _run in range(monitors.MOST + 2):
            job = self.run_now()
            jobs.claim(job.id, 'a', 60)
            jobs.move(job.id, 'finish')
        hanging = monitors.Monitors(seconds=30)
        hanging.tell()
        deadline = time.monotonic() + 30
        while (len(self.monitor.told) < monitors.MOST
               and time.monotonic() < deadline):
            time.sleep(0.01)
        self.assertEqual(monitors.MOST, len(self.monitor.told))
        self.monitor.hold.set()
        hanging.wait()
