# SPDX-License-Identifier: Apache-2.0
"""A journal on a disk that takes nothing any more."""
import errno
import os
import unittest

from baas.node import journal
from baas.node import paths
from baas.node.quiesce import deadman
from baas.node.quiesce import resume
from baas.node.system import clock
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node import standins

UNIT = {'kind': 'unit', 'unit': 'a.service', 'was': 'active', 'stage': 1}
WHY_NOT = loopdisks.why_not()


class Contract:
    """The test class says how the disk comes to take nothing, ``fails``, and
    how it takes things again, ``recovers``."""

    def setUp(self):
        super().setUp()
        paths.STATE = loopdisks.mount(self, 'disk', 'ext4', 16 << 20)
        standins.units(self, a__service={'ActiveState': 'inactive'})
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.quiescing('token', clock.boottime() - 1, ['a.service'], {})
            opened.stage_quiescing([UNIT], ['a.service'])
        self.fails()

    def state(self):
        return standins.read(self, 'units.json')['a.service']['ActiveState']

    def on_disk(self):
        return journal.raw(journal.path())

    def assert_back(self):
        self.assertEqual('active', self.state())
        data = journal.load()
        self.assertEqual(([], None), (data['undos'], data['quiesce_token']))
        self.assertEqual([UNIT], self.on_disk()['undos'])

    def test_what_is_stopped_is_resumed_once_and_that_is_known(self):
        self.assertEqual(['a.service'],
                         resume.undo(10, base.JOB, 1)['started'])
        self.assert_back()
        self.assertEqual([], resume.undo(10, base.JOB, 2)['started'])
        self.assertEqual(2, journal.load()['epoch'])

    def test_the_dead_man_resumes_and_has_fired(self):
        deadman.fire()
        self.assert_back()
        self.assertTrue(journal.load()['deadman_fired'])
        self.assertEqual('wait', deadman.verdict(
            journal.load(), clock.boot_id(), clock.boottime()))

    def test_nothing_more_is_stopped(self):
        before = journal.load()
        with journal.edit(base.JOB, 1) as opened:
            with self.assertRaises(OSError) as caught:
                opened.stage_quiescing([dict(UNIT, unit='b.service')], [])
        self.assertIn(caught.exception.errno, (errno.ENOSPC, errno.EROFS))
        self.assertEqual(before, journal.load())

    def test_the_disk_counts_again_as_soon_as_it_takes_a_change(self):
        resume.undo(10, base.JOB, 1)
        self.recovers()
        with journal.edit(base.JOB, 1) as opened:
            opened.seen_healthy()
        self.assertFalse(os.path.exists(journal.spare_path()))
        data = self.on_disk()
        self.assertEqual(([], True), (data['undos'], data['healthy']))

    def test_an_older_one_that_was_left_does_not_count(self):
        resume.undo(10, base.JOB, 1)
        self.recovers()
        with open(journal.spare_path()) as handle:
            left = handle.read()
        journal.close(base.JOB, 1)
        journal.begin(base.OTHER, 1, 'backup')
        self.write(os.path.relpath(journal.spare_path(), self.folder), left)
        self.assertEqual(base.OTHER, journal.load()['job'])


@unittest.skipIf(WHY_NOT, WHY_NOT)
class FullTest(Contract, base.NodeTest):

    def fails(self):
        self.filling = os.path.join(paths.STATE, 'filling')
        # What was freed just now can be had when the disk has that, too.
        while self.fill():
            os.sync()

    def fill(self):
        """Give how many bytes there was room for."""
        with open(self.filling, 'ab', buffering=0) as handle:
            before = handle.tell()
            try:
                while True:
                    handle.write(bytes(1024))
            except OSError as error:
                self.assertEqual(errno.ENOSPC, error.errno)
            return handle.tell() - before

    def recovers(self):
        os.unlink(self.filling)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class ReadOnlyTest(Contract, base.NodeTest):

    def fails(self):
        awkward.run('mount', '-o', 'remount,ro', paths.STATE)

    def recovers(self):
        awkward.run('mount', '-o', 'remount,rw', paths.STATE)
