# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import os
import threading
import time
import unittest

from baas.node import journal
from baas.node import paths
from baas.node.quiesce import deadman
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node import standins


def _record(**more):
    return dict({'job': 'j', 'closed': False, 'boot_id': 'this',
                 'undos': [{'kind': 'unit', 'unit': 'a.service'}],
                 'deadline': 100.0, 'deadline_boot': 'this'}, **more)


class VerdictTest(unittest.TestCase):

    def test_it_waits_before_the_deadline(self):
        self.assertEqual('wait', deadman.verdict(_record(), 'this', 99.9))

    def test_it_fires_at_the_deadline(self):
        self.assertEqual('fire', deadman.verdict(_record(), 'this', 100.0))

    def test_it_fires_at_once_after_a_reboot(self):
        self.assertEqual('fire', deadman.verdict(_record(), 'other', 1.0))

    def test_it_does_not_fire_when_nothing_is_owed(self):
        record = _record(undos=[])
        self.assertEqual('wait', deadman.verdict(record, 'other', 1000.0))

    def test_it_disarms_itself_without_an_open_job(self):
        self.assertEqual('disarm', deadman.verdict(None, 'this', 0.0))
        record = _record(closed=True)
        self.assertEqual('disarm', deadman.verdict(record, 'this', 1000.0))

    def test_a_lag_left_by_a_dead_prepare_ends_after_a_reboot(self):
        record = _record(undos=[{'kind': 'desync'}], deadline=None)
        self.assertEqual('wait', deadman.verdict(record, 'this', 1000.0))
        self.assertEqual('fire', deadman.verdict(record, 'other', 1.0))


@base.needs_root
class WatchTest(base.NodeTest):
    """The dead-man itself, in a thread."""

    def setUp(self):
        super().setUp()
        for name in ('_LOOK', '_AGAIN'):
            self.addCleanup(setattr, deadman, name, getattr(deadman, name))
            setattr(deadman, name, 0)
        standins.units(self, a__service={'ActiveState': 'inactive'})
        standins.scripts(self, mariadb='exit 1', crm_mon='echo >> %s; exit 1'
                         % self.path('looked'))
        self.units = [os.path.join(paths.UNITS, *names) for names in (
            ('baas-deadman.service',),
            ('multi-user.target.wants', 'baas-deadman.service'))]
        for path in self.units:
            self.write(os.path.relpath(path, self.folder), '')
        journal.begin(base.JOB, 1, 'backup')

    def watch(self):
        """Begin; give a list that will have its result."""
        ended = []
        thread = threading.Thread(target=lambda: ended.append(
            deadman.watch(self.asked('watch'))), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        return ended

    def wait_for(self, happens):
        until = time.monotonic() + 60
        while not happens():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)

    def test_it_resumes_at_the_deadline_and_goes_when_the_job_is_released(
            self):
        with journal.edit(base.JOB, 1) as opened:
            opened.quiescing('token', clock.boottime(), ['a.service'], {})
            opened.stage_quiescing([{
                'kind': 'unit', 'unit': 'a.service', 'was': 'active',
                'stage': 1}], ['a.service'])
        ended = self.watch()
        self.wait_for(lambda: not journal.load()['undos'])
        self.assertEqual('active', standins.read(
            self, 'units.json')['a.service']['ActiveState'])
        self.assertTrue(journal.load()['deadman_fired'])
        # Nobody has seen the node well: it looks after the cluster.
        self.wait_for(lambda: os.path.exists(self.path('looked')))
        self.assertEqual([], ended)
        journal.close(base.JOB, 1)
        self.wait_for(lambda: ended)
        self.assertEqual([{'watched': True}], ended)
        self.assertEqual([], [path for path in self.units
                              if os.path.exists(path)])

    def test_a_journal_of_another_program_is_watched_until_it_is_gone(self):
        data = journal.load()
        self.write_journal(format=99, deadline=clock.boottime() + 9999)
        ended = self.watch()
        time.sleep(0.2)
        self.assertEqual([], ended)
        self.write_journal(**dict(data, closed=True))
        self.wait_for(lambda: ended)

    def say(self, function):
        """Give what a function writes to the standard error."""
        with contextlib.redirect_stderr(io.StringIO()) as said:
            function()
        return said.getvalue()

    def test_what_it_cannot_undo_yet_is_said_and_stays_pending(self):
        with journal.edit(base.JOB, 1) as opened:
            opened.add_undo({'kind': 'desync'})
        self.write_journal(**dict(journal.load(), boot_id='another'))
        standins.process(self, 'mariadbd')
        self.assertIn('does not answer', self.say(deadman.fire))
        self.assertEqual([{'kind': 'desync'}], journal.load()['undos'])

    def test_snapshots_that_nobody_can_read_any_more_are_dropped(self):
        self.assertEqual('', self.say(deadman._drop_orphans))
        with journal.edit(base.JOB, 1) as opened:
            opened.planned(snapshots=[{
                'driver': 'btrfs', 'mountpoint': self.folder,
                'path': self.path('gone')}])
        self.write_journal(**dict(journal.load(), boot_id='another'))
        self.assertIn('rebooted', self.say(deadman._drop_orphans))
        self.assertEqual([], journal.load()['snapshots'])
        self.write('state/journal.json', '{"job"')
        self.assertIn('Snapshots remain for now: The journal',
                      self.say(deadman._drop_orphans))
