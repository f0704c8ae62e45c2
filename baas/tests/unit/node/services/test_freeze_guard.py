# SPDX-License-Identifier: Apache-2.0
"""The watchdog of a freeze: what it holds, and who is told when it is gone."""
import os

from baas.node import errors
from baas.node import journal
from baas.node.services import freeze_guard
from baas.node.system import clock
from baas.node.system import processes
from baas.tests.unit.node import base
from baas.tests.unit.node import standins


def facts():
    """Give the facts of this very process."""
    return {'pid': os.getpid(), 'start': processes.start_time(os.getpid())}


@base.needs_root
class WatchdogTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        journal.begin(base.JOB, 1, 'backup')
        for name, value in self.environment().items():
            self.addCleanup(os.environ.__setitem__, name,
                            os.environ.get(name, ''))
            os.environ[name] = value

    def begin(self, seconds):
        watchdog = freeze_guard.FreezeWatchdog(
            base.JOB, 1, clock.boottime() + seconds)
        self.addCleanup(watchdog._process.wait)
        self.addCleanup(watchdog._process.kill)
        self.addCleanup(watchdog.leave)
        return watchdog

    def test_the_lock_on_the_database_ends_with_its_deadline(self):
        standins.scripts(self, mariadb=standins.SESSION)
        watchdog = self.begin(60)
        watchdog.send(connect=True)
        session = watchdog.receive(clock.boottime() + 60)['session']
        self.assertEqual(7, session['connection'])
        watchdog.send(lock=1)
        lock = watchdog.receive(clock.boottime() + 60)
        self.assertEqual(session, lock)
        self.assertTrue(watchdog.holds(clock.boottime() + 60))
        watchdog.watch(clock.boottime())
        watchdog.leave()
        self.assertEqual(0, watchdog._process.wait(60))
        self.assertIsNone(processes.start_time(lock['client']['pid']))

    def test_a_lock_that_is_not_got_is_an_error(self):
        standins.scripts(self, mariadb='echo no luck >&2; exit 1')
        watchdog = self.begin(60)
        watchdog.send(lock=1)
        with self.assertRaisesRegex(errors.NodeError, 'not locked: no luck'):
            watchdog.receive(clock.boottime() + 60)

    def test_it_goes_on_when_who_asked_it_is_gone(self):
        standins.scripts(self, mariadb='echo >> %s; exit 1'
                         % self.path('asked'))
        watchdog = self.begin(60)
        watchdog._process.stdout.close()
        watchdog.send(until=clock.boottime() + 1, lock=1)
        watchdog._process.stdin.close()
        watchdog._process.wait(60)
        # It came to its deadline, though its answer went nowhere.
        self.assertEqual(1, len(standins.asked(self)))

    def test_one_that_does_not_answer_or_is_gone_is_told(self):
        watchdog = self.begin(60)
        with self.assertRaisesRegex(errors.NodeError, 'does not answer'):
            watchdog.receive(clock.boottime())
        watchdog._process.kill()
        watchdog._process.wait()
        with self.assertRaisesRegex(errors.NodeError, 'is gone'):
            watchdog.receive(clock.boottime() + 60)
        with self.assertRaisesRegex(errors.NodeError, 'is gone'):
            watchdog.send(lock=1)
        watchdog.leave()


class UnlockTest(base.NodeTest):

    def unlock(self, **watched):
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.watched(watched)
        return freeze_guard.unlock(0)

    def test_it_tells_whether_who_held_the_lock_is_gone(self):
        gone = {'pid': os.getpid(), 'start': 'another process'}
        for client, told in ((None, True), (gone, True), (facts(), False)):
            self.assertEqual(told, self.unlock(
                pid=1, start='another process', client=client))

    def test_the_watchdog_itself_has_unlocked_before_it_resumes(self):
        self.assertTrue(self.unlock(client=facts(), **facts()))
