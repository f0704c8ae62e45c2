# SPDX-License-Identifier: Apache-2.0
import fcntl
import json
import os
import signal
import stat
import threading

from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node.quiesce import resume
from baas.tests.unit.node import base


class RecordTest(base.NodeTest):

    def test_an_undo_is_on_disk_before_the_caller_goes_on(self):
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.add_undo({'kind': 'unit', 'unit': 'a.service'})
            with open(journal.path()) as handle:
                on_disk = json.load(handle)
        self.assertEqual([{'kind': 'unit', 'unit': 'a.service'}],
                         on_disk['undos'])

    def test_what_is_owed_twice_is_owed_once(self):
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.add_undo({'kind': 'desync'})
            opened.add_undo({'kind': 'desync'})
            self.assertEqual(1, len(opened.data['undos']))
            opened.clear_undos({'kind': 'desync'})
        self.assertEqual([], journal.load()['undos'])

    def test_a_lower_epoch_is_refused_and_both_are_named(self):
        journal.begin(base.JOB, 5, 'backup')
        with self.assertRaises(errors.NodeError) as caught:
            journal.begin(base.JOB, 4, 'backup')
        self.assertIn('4', caught.exception.cause)
        self.assertIn('5', caught.exception.cause)

    def test_a_higher_epoch_fences_the_lower_one_off(self):
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 2):
            pass
        self.assertEqual(2, journal.load()['epoch'])
        with self.assertRaises(errors.NodeError):
            with journal.edit(base.JOB, 1):
                self.fail('epoch 1 was let in')

    def test_a_fenced_conductor_cannot_open_a_closed_job_again(self):
        journal.begin(base.JOB, 1, 'backup')
        journal.close(base.JOB, 3)
        journal.begin(base.OTHER, 1, 'backup')
        journal.close(base.OTHER, 1)
        with self.assertRaises(errors.NodeError):
            journal.begin(base.JOB, 2, 'backup')
        journal.begin(base.JOB, 3, 'backup')

    def test_who_hangs_with_the_journal_keeps_nobody_from_resuming(self):
        journal.begin(base.JOB, 1, 'backup')
        self.addCleanup(setattr, resume, 'PATIENCE', resume.PATIENCE)
        resume.PATIENCE = 1
        holder = os.fork()
        if not holder:
            with journal.edit(base.JOB, 1):
                os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(0)
        os.waitpid(holder, os.WUNTRACED)
        resume.undo(10, base.JOB, 1)
        self.assertEqual(signal.SIGKILL, os.waitpid(holder, 0)[1])

    def test_who_had_the_journal_before_is_not_killed_for_who_has_it(self):
        journal.begin(base.JOB, 1, 'backup')
        with journal.locked():
            pass
        self.assertEqual([], os.listdir(paths.RUN))
        with open(paths.state('lock')) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            timer = threading.Timer(1, fcntl.flock, (handle, fcntl.LOCK_UN))
            timer.start()
            self.addCleanup(timer.join)
            with journal.locked(patience=0.1):
                pass

    def test_another_job_that_is_open_is_named(self):
        journal.begin(base.OTHER, 1, 'backup')
        for attempt in (lambda: journal.begin(base.JOB, 9, 'backup'),
                        lambda: journal.check_epoch(base.JOB, 9)):
            with self.assertRaises(errors.NodeError) as caught:
                attempt()
            self.assertIn(base.OTHER, caught.exception.cause)
        journal.check_epoch(base.JOB, 9, ignore_other_jobs=True)

    def test_opening_twice_keeps_what_is_owed(self):
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.add_undo({'kind': 'desync'})
        again = journal.begin(base.JOB, 1, 'backup')
        self.assertEqual([{'kind': 'desync'}], again['undos'])

    def test_nothing_can_be_held_without_an_open_job(self):
        with self.assertRaises(errors.NodeError):
            with journal.edit(base.JOB, 1):
                self.fail('there is no journal')
        journal.begin(base.JOB, 1, 'backup')
        journal.close(base.JOB, 1)
        with self.assertRaises(errors.NodeError):
            with journal.edit(base.JOB, 1):
                self.fail('the journal is closed')

    def test_two_who_change_the_record_wait_for_each_other(self):
        journal.begin(base.JOB, 1, 'backup')

        def add(first):
            for number in range(first, first + 20):
                with journal.edit(base.JOB, 1) as opened:
                    opened.add_undo({'kind': 'unit', 'unit': number})
        threads = [threading.Thread(target=add, args=(start,))
                   for start in (0, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(40, len(journal.load()['undos']))

    def test_nobody_but_root_reads_the_record(self):
        journal.begin(base.JOB, 1, 'backup')
        mode = stat.S_IMODE(os.lstat(journal.path()).st_mode)
        self.assertEqual(0o600, mode)
