# SPDX-License-Identifier: Apache-2.0
"""``rear recover`` without anybody to answer: each way in which it can end.
In the place of ReaR is a program that reads its settings as ReaR does."""
import os
import signal
import subprocess
import sys
import time

from baas.node import errors
from baas.node import paths
from baas.node.rear import recover_run
from baas.node.system import processes
from baas.tests.unit.node import base

REAR = '''#!/bin/bash
# rear -v -C SETTINGS recover
source "$3"
echo "Comparing disks"
read -t 20 answer && echo "ERROR: somebody answered"
{before}
eval "${{EXTERNAL_RESTORE[@]}}"
status=$?
test $status = 0 || {{ echo "ERROR: external restore: $status"; exit 1; }}
echo "mapping $(cat $MAPPING_FILE), wiping $DISKS_TO_BE_WIPED"
{after}
'''


class RearTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        paths.make(paths.work(base.JOB))
        self.write('top/etc/rear-release')
        self.addCleanup(os.environ.update, PATH=os.environ['PATH'])
        os.environ['PATH'] = f'{self.path("bin")}:{os.environ["PATH"]}'
        self.notes, self.filled = [], 0
        self.install()

    def install(self, before='', after=''):
        path = self.write('bin/rear', REAR.format(before=before, after=after))
        os.chmod(path, 0o700)

    def report(self, **progress):
        """Nobody follows it."""

    def fill(self):
        self.filled += 1

    def recover(self, fill=None, **options):
        asked = self.asked('recover')
        asked.log = self.notes.append
        asked.report = self.report
        recover_run.recover(asked, '/mnt/local', {'/dev/sda': '/dev/sdb'},
                            fill or self.fill, **options)

    def refused(self, fill=None):
        with self.assertRaises(errors.NodeError) as caught:
            self.recover(fill)
        self.assertTrue(caught.exception.hint)
        return caught.exception.cause

    def test_the_disks_are_filled_between_layout_and_boot_loader(self):
        began = time.monotonic()
        self.recover()
        self.assertEqual(1, self.filled)
        self.assertEqual(
            ['Comparing disks',
             'mapping /dev/sda /dev/sdb, wiping /dev/sdb'], self.notes)
        # It had nobody to wait for.
        self.assertLess(time.monotonic() - began, 50)

    def test_again_is_no_error(self):
        self.recover()
        self.recover()
        self.assertEqual(2, self.filled)

    def test_a_layout_that_fails_is_told_and_nothing_is_filled(self):
        self.install(before='echo "ERROR: no room"; exit 1')
        self.assertEqual('rear recover failed: ERROR: no room.',
                         self.refused())
        self.assertEqual(0, self.filled)

    def test_filling_that_fails_ends_it_and_is_what_is_told(self):
        def fill():
            raise errors.NodeError('The archive is another one.', 'Verify.')
        self.assertEqual('The archive is another one.', self.refused(fill))
        self.assertFalse([pid for pid in os.listdir('/proc')
                          if pid.isdigit() and self._is_ours(pid)])

    def _is_ours(self, pid):
        try:
            with open(f'/proc/{pid}/cmdline') as handle:
                return self.folder in handle.read()
        except OSError:
            return False

    def test_an_initrd_is_made_unless_that_of_the_backup_serves(self):
        self.install(after='echo "initrd: $REBUILD_INITRAMFS$MODULES"')
        for options, said in (({}, 'yes'),
                              ({'initrd': False}, 'no_modules')):
            self.recover(**options)
            self.assertEqual('initrd: ' + said, self.notes[-1])

    def test_a_boot_loader_that_fails_is_no_success(self):
        self.install(after='echo "Failed to install GRUB2 on /dev/sdb"; '
                           'echo "THEN YOUR SYSTEM WILL NOT BE ABLE TO '
                           'BOOT."')
        said = self.refused()
        self.assertIn('No boot loader', said)
        self.assertIn('Failed to install GRUB2 on /dev/sdb', said)

    def test_what_it_leaves_running_keeps_nobody_waiting(self):
        self.install(after='sleep 60 &')
        began = time.monotonic()
        self.recover()
        self.assertLess(time.monotonic() - began, 50)

    def test_its_stages_are_told_of(self):
        told = []
        self.report = lambda **more: told.append(more)
        self.install(before='echo Creating filesystem of type xfs')
        self.recover()
        self.assertIn({'percent': 7, 'task': 'making file systems'}, told)

    def test_one_that_ends_without_a_complaint_tells_its_last_words(self):
        self.install(after='echo so far; exit 2')
        self.assertEqual('rear recover failed: so far.', self.refused())

    def test_an_end_without_filling_is_no_success(self):
        self.install(before='exit 0')
        self.assertIn('without having the disks filled', self.refused())

    def test_one_that_says_nothing_any_more_is_ended(self):
        self.addCleanup(setattr, recover_run, 'SILENCE', recover_run.SILENCE)
        recover_run.SILENCE = 2
        self.install(before='sleep 300')
        self.assertIn('has said nothing', self.refused())

    def test_a_system_that_is_not_its_rescue_system_is_refused(self):
        os.remove(self.path('top/etc/rear-release'))
        self.assertIn('not a rescue system', self.refused())

    def test_it_ends_when_who_fills_is_killed(self):
        code = ('import sys; sys.path[:0] = %r; import time\n'
                'from baas.node.rear import recover_run\n'
                'from baas.node import request\n'
                'asked = request.Request("recover", %r, 1, {})\n'
                'fill = lambda: time.sleep(99)\n'
                'recover_run.recover(asked, "/mnt", {}, fill)'
                % ([os.getcwd()], base.JOB))
        process = subprocess.Popen(
            [sys.executable, '-c', code], env=self.environment(),
            start_new_session=True)
        log = paths.work(base.JOB, 'rear.log')
        until = time.monotonic() + 30
        while not os.path.exists(log) and time.monotonic() < until:
            time.sleep(0.1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        until = time.monotonic() + 30
        while processes.group_lives(process.pid) and time.monotonic() < until:
            time.sleep(0.1)
        self.assertFalse(processes.group_lives(process.pid))
