# SPDX-License-Identifier: Apache-2.0
import errno
import os
import signal
import time

from baas.node import background
from baas.node import errors
from baas.node.system import atomic_file
from baas.node.system import processes
from baas.tests.unit.node import base


class WorkerTest(base.NodeTest):

    def detach(self, function, **options):
        asked = self.asked('capture', **options)
        said = background.detach(asked, function)
        self.addCleanup(background.stop, base.JOB, 'capture')
        return asked, said

    def reap(self):
        """End the child, which is one of ours as this process lives on."""
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            pass

    def end(self, asked, wait=60):
        until = time.monotonic() + wait
        while time.monotonic() < until:
            said = background.follow(asked, 'capture', 1)
            if said['state'] != 'running':
                return said
        self.fail('the worker does not end')

    def test_it_goes_on_alone_and_tells_its_result(self):
        def work(request):
            request.report(percent=40, task='working')
            time.sleep(0.5)
            return {'answer': 42}
        asked, said = self.detach(work)
        self.assertEqual('running', said['state'])
        said = self.end(asked)
        self.assertEqual(('done', {'answer': 42}, 100), (
            said['state'], said['result'], said['percent']))

    def test_lines_for_the_log_have_numbers_and_the_last_are_kept(self):
        def work(request):
            for number in range(250):
                request.log('line %d' % number)
            return {}
        said = self.end(self.detach(work)[0])
        self.assertEqual(([250, 'line 249'], 100),
                         (said['lines'][-1], len(said['lines'])))
        self.assertEqual(list(range(151, 251)),
                         [number for number, _ in said['lines']])

    def test_a_disk_that_ran_full_is_told_in_words(self):
        def work(request):
            # Every write to it finds no room.
            os.write(os.open('/dev/full', os.O_WRONLY), b'x')
        said = self.end(self.detach(work)[0])['error']
        self.assertEqual('There was no room left for a file on this node '
                         '(capture).', said['cause'])
        self.assertIn('Make room', said['hint'])

    def test_a_disk_that_can_only_be_read_is_told_in_words(self):
        def work(request):
            raise OSError(errno.EROFS, 'Read-only file system', '/var/a')
        said = self.end(self.detach(work)[0])['error']
        self.assertEqual('/var/a is in a file system of this node that can '
                         'only be read (capture).', said['cause'])
        self.assertIn('kernel log', said['hint'])

    def test_what_nobody_has_foreseen_leads_to_its_place(self):
        said = self.end(self.detach(lambda request: 1 / 0)[0])['error']
        self.assertIn('capture failed: ZeroDivisionError', said['cause'])
        self.assertIn('capture.log on the node', said['hint'])

    def test_an_error_reaches_whoever_follows(self):
        def work(request):
            raise errors.NodeError('It broke.', 'Mend it.', {'half': 1})
        said = self.end(self.detach(work)[0])
        self.assertEqual(
            ('error', {'cause': 'It broke.', 'hint': 'Mend it.'},
             {'half': 1}), (said['state'], said['error'], said['result']))

    def test_a_mistake_in_the_program_is_an_error_too(self):
        said = self.end(self.detach(lambda request: 1 / 0)[0])
        self.assertEqual('error', said['state'])
        self.assertIn('ZeroDivisionError', said['error']['cause'])

    def test_asking_again_finds_the_same_worker(self):
        asked, first = self.detach(lambda request: time.sleep(30))
        again = background.detach(asked, lambda request: 1 / 0)
        self.assertEqual(first['pid'], again['pid'])

    def test_what_is_done_is_not_done_again(self):
        asked, _ = self.detach(lambda request: {'run': 'first'}, a=1)
        self.end(asked)
        again = background.detach(asked, lambda request: {'run': 'second'})
        self.assertEqual('first', again['result']['run'])
        other, _ = self.detach(lambda request: {'run': 'second'}, a=2)
        self.assertEqual('second', self.end(other)['result']['run'])

    def test_a_worker_that_was_killed_is_an_error(self):
        asked, said = self.detach(lambda request: time.sleep(30))
        os.kill(said['pid'], signal.SIGKILL)
        self.reap()
        with self.assertRaises(errors.NodeError) as caught:
            background.follow(asked, 'capture', 5)
        self.assertIn('gone', caught.exception.cause)

    def test_stop_ends_all_that_the_worker_has_started(self):
        def work(request):
            os.spawnvp(os.P_NOWAIT, 'sleep', ['sleep', '60'])
            request.end(task='started')
            time.sleep(60)
        asked, said = self.detach(work)
        group = background.atomic_file.read_json(
            background.path(base.JOB, 'capture'))['group']
        while background.follow(asked, 'capture', 1)['task'] != 'started':
            pass
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGCHLD, signal.SIG_DFL)
        self.assertTrue(background.stop(base.JOB, 'capture'))
        self.assertFalse(processes.group_lives(group))
        self.assertFalse(background.stop(base.JOB, 'capture'))
        self.assertEqual('error',
                         background.follow(asked, 'capture', 0)['state'])

    def test_a_process_that_got_the_same_number_is_left_alone(self):
        os.makedirs(os.path.dirname(background.path(base.JOB, 'capture')))
        atomic_file.write_json(background.path(base.JOB, 'capture'), {
            'state': 'running', 'pid': os.getpid(), 'start': 'not mine',
            'group': 2 ** 22})
        self.assertFalse(background.stop(base.JOB, 'capture'))

    def test_following_what_nobody_does_is_an_error(self):
        with self.assertRaises(errors.NodeError):
            background.follow(self.asked('follow'), 'capture', 0)
