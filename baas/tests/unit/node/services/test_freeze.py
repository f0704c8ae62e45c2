# SPDX-License-Identifier: Apache-2.0
"""Freezing real processes, and the watchdog that thaws them."""
import json
import os
import signal
import subprocess
import sys
import time
import unittest
import uuid

from baas.node import errors
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.quiesce import quiesce
from baas.node.quiesce import resume
from baas.node.services import freeze_guard
from baas.node.services import registry
from baas.node.system import cgroups
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

TICK = 'n=0; while :; do n=$((n+1)); echo $n > "$1"; sleep 0.02; done'
UNIT = 'ticker.service'


def _can():
    top = cgroups.top()
    return os.geteuid() == 0 and top and os.access(top, os.W_OK)


@unittest.skipUnless(_can(), 'this needs root and cgroup2')
class FreezeTest(base.NodeTest):
    """A process that counts, in a control group of its own."""

    def setUp(self):
        super().setUp()
        self.number = uuid.uuid4().hex
        self.group = '/baas-test-%s' % self.number
        self.place = cgroups.top() + self.group
        os.mkdir(self.place)
        self.addCleanup(os.rmdir, self.place)
        self.count = self.write('count', '0')
        self.process = subprocess.Popen(['sh', '-c', TICK, 'sh', self.count])
        self.addCleanup(self.end)
        with open(os.path.join(self.place, 'cgroup.procs'), 'w') as handle:
            handle.write(str(self.process.pid))
        standins.units(self, ticker__service={'ControlGroup': self.group})
        journal.begin(base.JOB, 1, 'backup')
        for name, value in self.environment().items():
            self.addCleanup(os.environ.__setitem__, name,
                            os.environ.get(name, ''))
            os.environ[name] = value

    def end(self):
        cgroups.thaw(self.place)
        with open(os.path.join(self.place, 'cgroup.kill'), 'w') as handle:
            handle.write('1')
        self.process.wait()
        while cgroups.processes(self.place):
            time.sleep(0.01)

    def look(self):
        with open(self.count) as handle:
            return handle.read()

    def assert_counting(self):
        """See it count on, however long a busy machine takes to let it."""
        before, until = self.look(), time.monotonic() + 60
        while self.look() == before:
            self.assertLess(time.monotonic(), until, 'it stands still')
            time.sleep(0.01)

    def assert_still(self):
        before = self.look()
        time.sleep(0.4)
        self.assertEqual(before, self.look())

    def freeze(self, within, kind='unit', thing=UNIT):
        """Bring it to be quiesced, as the verb does but for the dead-man's
        unit."""
        arranged = self.arrange(kind, thing)
        self.quiesce(arranged, within)
        return arranged.watchdog

    def quiesce(self, arranged, within=20):
        quiesce.quiesce(self.asked('quiesce', deadman_timeout=within),
                        arranged)

    def arrange(self, kind='unit', thing=UNIT):
        """Bring it to be ready to freeze."""
        self.addCleanup(setattr, deadman, 'require', deadman.require)
        deadman.require = lambda: None
        arranged = quiesce.arrange(self.asked(
            'quiesce', mode='freeze',
            units=[thing if kind == 'unit' else f'{kind}:{thing}']))
        self.addCleanup(arranged.watchdog._process.wait)
        self.addCleanup(freeze_guard.end)
        self.addCleanup(arranged.watchdog.leave)
        return arranged

    def test_what_is_frozen_stands_still_and_goes_on(self):
        self.freeze(20)
        self.assert_still()
        self.assertEqual([], registry.resumed_early(journal.load()['undos']))
        done = resume.undo(60, base.JOB, 1)
        self.assert_counting()
        self.assertEqual([UNIT], done['started'])
        self.assertEqual([], journal.load()['undos'])
        self.assertGreater(done['services'][UNIT], 0.4)
        self.assertGreaterEqual(done['outage'], done['services'][UNIT])

    def contain(self, id):
        """Have podman say that the process is a container's."""
        standins.containers(self, ticker=None)
        there = standins.read(self, 'containers.json')
        there['ticker'].update(Id=id)
        there['ticker']['State'].update(Pid=self.process.pid)
        self.write('containers.json', json.dumps(there))

    def test_a_container_is_held_still_by_its_own_control_group(self):
        self.contain(self.number)
        self.freeze(20, kind='podman', thing='ticker')
        self.assert_still()
        undos = journal.load()['undos']
        self.assertEqual([self.place], undos[0]['groups'])
        self.assertEqual([], registry.resumed_early(undos))
        # Podman was asked how it is, and nothing more.
        self.assertNotIn('pause ticker', ' '.join(standins.asked(self)))
        done = resume.undo(60, base.JOB, 1)
        self.assertEqual(['podman:ticker'], done['started'])
        self.assert_counting()

    def test_a_control_group_that_is_not_its_own_is_left_to_podman(self):
        self.contain('another')
        self.freeze(20, kind='podman', thing='ticker')
        self.assert_counting()
        self.assertIn('pause ticker', ' '.join(standins.asked(self)))
        resume.undo(60, base.JOB, 1)

    def test_all_goes_on_before_anything_is_asked_whether_it_does(self):
        self.freeze(20)
        standins.scripts(self, systemctl='sleep 120; exit 1')
        began = time.monotonic()
        resume._release(journal.load()['undos'])
        self.assertLess(time.monotonic() - began, 100)
        self.assert_counting()

    def test_what_ends_by_itself_may_do_so_at_the_last_moment(self):
        unit = registry.of({'kind': 'unit'})
        ended = [{'kind': 'unit', 'unit': 'once.service', 'was': 'activating',
                  'mode': 'freeze', 'passing': True,
                  'groups': [self.place + '-gone']}]
        until = clock.boottime() + 5
        standins.units(self, once__service={
            'ActiveState': 'inactive', 'ControlGroup': ''})
        unit.quiesce(ended, until, object())
        unit.wait(ended, until, object())
        self.assertEqual([], unit.resumed_early(ended))
        self.assertEqual([], unit.problems(['once.service'], 'freeze'))
        # A service that is to go on for ever and is gone is another matter.
        standins.units(self, once__service={'ControlGroup': '/no/group'})
        self.assertIn('no control group', unit.problems(
            ['once.service'], 'freeze')[0]['cause'])

    def test_again_and_again_is_harmless(self):
        self.freeze(20)
        self.freeze(20)
        self.assertEqual(1, len(journal.load()['undos']))
        resume.undo(60, base.JOB, 1)
        self.assertEqual([], resume.undo(60, base.JOB, 1)['started'])
        self.assert_counting()

    def test_the_watchdog_thaws_when_nobody_else_does(self):
        watchdog = self.freeze(10)
        watchdog.leave()
        self.assert_still()
        watchdog._process.wait(60)
        self.assert_counting()
        data = journal.load()
        self.assertEqual(([], True, None), (
            data['undos'], data['deadman_fired'], data['quiesce_token']))

    def test_what_the_watchdog_thawed_is_named_to_the_snapshot(self):
        self.freeze(20)
        cgroups.thaw(self.place)
        self.assertEqual([UNIT],
                         registry.resumed_early(journal.load()['undos']))

    def test_the_watchdog_ends_with_the_resume(self):
        watchdog = self.freeze(60)
        watchdog.leave()
        resume.undo(60, base.JOB, 1)
        self.assertEqual(-signal.SIGTERM, watchdog._process.wait(10))

    def test_without_a_watchdog_the_record_is_enough(self):
        watchdog = self.freeze(20)
        os.kill(watchdog._process.pid, signal.SIGKILL)
        watchdog._process.wait()
        resume.undo(60)
        self.assert_counting()

    def test_a_freeze_lasts_until_it_is_let_go_and_no_longer(self):
        before = time.monotonic()
        self.freeze(20)
        looked = self.path('looked')
        asked = standins.SYSTEMCTL
        standins.install(self, systemctl='import time; time.sleep(1)\n'
                         f'open({looked!r}, "w")\n{asked}')
        began = time.monotonic()
        done = resume.undo(20, base.JOB, 1)
        self.assertTrue(os.path.exists(looked))
        self.assertLess(done['outage'], time.monotonic() - began)
        # The second that it took to look at it is no part of it.
        self.assertLess(done['services'][UNIT], time.monotonic() - before - 1)

    def test_the_deadline_counts_from_the_freeze(self):
        arranged = self.arrange()
        self.assertGreater(journal.load()['deadline'], clock.boottime() + 100)
        self.quiesce(arranged)
        self.assertLess(journal.load()['deadline'], clock.boottime() + 21)
        resume.undo(60, base.JOB, 1)

    def test_a_service_that_died_frozen_is_started(self):
        self.freeze(20)
        unit = standins.read(self, 'units.json')
        unit[UNIT]['ActiveState'] = 'failed'
        standins.units(self, ticker__service=unit[UNIT])
        resume.undo(60, base.JOB, 1)
        self.assertIn('start --no-block'.split()[0],
                      ' '.join(standins.asked(self)))

    def test_a_group_that_holds_this_process_is_no_group_to_freeze(self):
        code = ('import os, sys; open(%r, "w").write(str(os.getpid()));'
                'from baas.node.services import control_groups;'
                'print(control_groups.folders([%r]))' % (
                    os.path.join(self.place, 'cgroup.procs'), UNIT))
        out = subprocess.run([sys.executable, '-c', code],
                             stdout=subprocess.PIPE).stdout.decode()
        self.assertEqual({UNIT: []}, eval(out))

    def test_what_was_resumed_before_it_froze_does_not_freeze(self):
        arranged = self.arrange()
        self.assertEqual([self.place], journal.load()['undos'][0]['groups'])
        self.assert_counting()
        # Clients have noticed nothing so far.
        self.assertEqual((None, {}), (journal.load()['first_stop'],
                                      journal.load()['outages']))
        resume.undo(60, base.JOB, 1)
        with self.assertRaises(errors.NodeError):
            self.quiesce(arranged)
        self.assert_counting()

    def test_what_has_begun_anew_meanwhile_freezes_where_it_is_now(self):
        arranged = self.arrange()
        [undo] = arranged.stages[0][0][1]
        undo['groups'] = [self.place + '-gone']
        with journal.edit(base.JOB, 1) as opened:
            opened.clear_undos(*opened.data['undos'])
            opened.stage_quiescing([dict(undo, stage=1)], [])
        self.quiesce(arranged)
        self.assert_still()
        self.assertEqual([[self.place]], [
            one['groups'] for one in journal.load()['undos']])
        resume.undo(60, base.JOB, 1)
        self.assert_counting()
