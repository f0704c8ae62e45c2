# SPDX-License-Identifier: Apache-2.0
"""File systems without snapshots, on real ext4 with restic."""
import json
import os
import signal
import subprocess
import sys
import threading
import time

from baas.node import background
from baas.node.backup import estimate
from baas.node import paths
from baas.node.snapshots import snapshot
from baas.node.system import atomic_file
from baas.node.system import processes
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.snapshots import without_snapshots

# Something that is not quiesced: it appends, writes through a mapping, and
# makes and removes files.
RESTLESS = '''
import mmap, os, sys, time
log = open(sys.argv[1] + '/log', 'a')
with open(sys.argv[1] + '/mapped', 'w+b') as handle:
    handle.truncate(1 << 16)
    mapped = mmap.mmap(handle.fileno(), 1 << 16)
number = 0
while True:
    number += 1
    print('line', number, file=log, flush=True)
    mapped[number % 60000] = number % 251
    time.sleep(0.01)
'''


class AtRestTest(without_snapshots.AtRest):

    def test_what_is_read_at_rest_is_what_the_step_capture_gives(self):
        self.begin()
        taken = self.taken()
        self.assertIn(self.data if self.kind != 'ext4' else paths.TOP,
                      taken['offline_mounts'])
        # From here on the node is at work again, and writes.
        self.resume()
        self.write('node/srv/none/later')
        captured = self.captured()
        self.assertEqual(captured, self.do('capture'))
        blank = self.recover(captured)
        with open(os.path.join(blank, 'etc', 'one')) as handle:
            self.assertEqual('one\n', handle.read())
        self.assertFalse(os.path.exists(
            os.path.join(blank, 'srv', 'none', 'later')))

    def test_only_what_changed_since_the_seed_is_read_at_rest(self):
        self.begin()
        self.write('node/srv/none/changed', 'x' * 5000)
        self.taken()
        captured = self.captured()
        self.assertGreater(self.seeded['stored_bytes'], 8 << 20)
        self.assertLess(captured['hashed_bytes'], 1 << 20)
        self.assertGreater(captured['stored_bytes'],
                           self.seeded['stored_bytes'])
        blank = self.recover(captured)
        self.assertTrue(os.path.exists(
            os.path.join(blank, 'srv', 'none', 'changed')))

    def test_what_changes_while_it_is_seeded_is_no_part_of_the_seed(self):
        self.do('prepare')
        stop = threading.Event()

        def write_in_place():
            with open(os.path.join(os.path.dirname(self.large), 'page'),
                      'wb', buffering=0) as handle:
                while not stop.wait(0.005):
                    os.pwrite(handle.fileno(), os.urandom(64), 0)
        writer = threading.Thread(target=write_in_place)
        writer.start()
        try:
            self.seeded = self.do('precopy')
        finally:
            stop.set()
            writer.join()
        listed = self.repository('snapshots', '--tag', 'kind=precopy')
        self.assertEqual([self.seeded['snapshot']],
                         [one['id'] for one in listed])
        opened = subprocess.run(
            [loopdisks.RESTIC, '-r', self.options['repository'], '--no-cache',
             'ls', self.seeded['snapshot']], check=True, text=True,
            stdout=subprocess.PIPE,
            env=dict(os.environ, RESTIC_PASSWORD='secret')).stdout.split()
        self.assertIn('/srv/none/large', opened)
        self.assertNotIn('/srv/none/page', opened)
        self.quiesce()
        self.taken()
        self.recover(self.captured())

    def test_writers_that_do_not_rest_do_not_spoil_it(self):
        process = subprocess.Popen([sys.executable, '-c', RESTLESS,
                                    os.path.dirname(self.large)])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.begin()
        self.taken()
        self.recover(self.captured())
        self.assertFalse(os.path.exists(
            os.path.join(paths.STATE, 'files', 'still')))

    def test_what_never_stands_still_is_named(self):
        stop = threading.Event()

        def come_and_go():
            while not stop.is_set():
                for name in 'ab':
                    path = os.path.join(os.path.dirname(self.large), name)
                    with open(path, 'w'):
                        pass
                    os.unlink(path)
        writer = threading.Thread(target=come_and_go)
        self.begin()
        writer.start()
        try:
            status, said = self.take()
        finally:
            stop.set()
            writer.join()
        self.assertEqual((1, 'error'), (status, said['state']))
        self.assertIn('although the node is quiesced', said['error']['cause'])
        self.assertIn('/srv/none', said['error']['cause'])

    def test_a_release_leaves_no_seed_in_the_repository(self):
        self.begin()
        self.taken()
        self.captured()
        self.do('release')
        kinds = sorted(tag for one in self.repository('snapshots')
                       for tag in one['tags'] if tag.startswith('kind='))
        self.assertEqual(['kind=files', 'kind=payload'], kinds)

    def test_reading_ends_when_the_dead_man_takes_the_rest_away(self):
        with open(self.path('node', 'srv', 'new'), 'wb') as handle:
            for _ in range(250):
                handle.write(os.urandom(1 << 20))
        self.do('prepare')
        self.quiesce()
        answer = []
        reading = threading.Thread(
            target=lambda: answer.append(self.take()))
        reading.start()
        said = self.wait_for_reading()
        self.resume()
        reading.join()
        status, told = answer[0]
        self.assertEqual((1, 'error'), (status, told['state']))
        self.assertIn('resumed', told['error']['cause'])
        self.assertFalse(processes.group_lives(said['group']))
        status, told = self.call('capture', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('no snapshot', told['error']['cause'])
        self.do('release')

    def wait_for_reading(self):
        path = background.path(base.JOB, 'capture')
        until = time.monotonic() + 30
        while time.monotonic() < until:
            said = atomic_file.read_json(path)
            if said and said['task'] == 'reading files':
                return said
            time.sleep(0.05)
        raise AssertionError('nothing is read')

    def test_a_killed_moment_is_begun_again(self):
        with open(self.path('node', 'srv', 'new'), 'wb') as handle:
            for _ in range(250):
                handle.write(os.urandom(1 << 20))
        self.do('prepare')
        self.quiesce()
        process = subprocess.Popen(
            [sys.executable, base.program(), 'snapshot', '--job', base.JOB,
             '--epoch', '1', '--options', '-'], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, env=self.environment())
        process.stdin.write(json.dumps({'capture': self.options}).encode())
        process.stdin.close()
        said = self.wait_for_reading()
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.taken()
        self.assertFalse(processes.group_lives(said['group']))
        self.recover(self.captured())

    def test_other_options_than_at_rest_are_refused(self):
        self.begin()
        self.taken()
        status, said = self.call('capture', '--epoch', '1',
                                 **dict(self.options, host='other'))
        self.assertEqual(1, status)
        self.assertIn('other options', said['error']['cause'])

    def test_a_node_that_does_not_rest_is_refused_by_name(self):
        self.do('prepare')
        status, said = self.take()
        self.assertEqual(1, status)
        self.assertIn('(ext4)', said['error']['cause'])
        self.assertIn('stopall=yes', said['error']['hint'])

    def test_check_refuses_it_by_name_when_nothing_will_rest(self):
        [problem] = snapshot.problems({'stopall': False})
        self.assertIn('%s (ext4)' % (
            self.data if self.kind != 'ext4' else paths.TOP),
            problem['cause'])
        self.assertEqual([], snapshot.problems({'stopall': True}))
        [problem] = snapshot.problems({'stopall': True, 'mode': 'freeze'})
        self.assertIn('frozen cannot be read in time', problem['hint'])

    def test_check_foresees_the_time_it_takes_to_look_at_all_files(self):
        found = estimate.forecast({})
        self.assertGreater(found['outage'], 0)
        self.assertGreater(found['bytes'], 8 << 20)


class BesideBtrfsTest(AtRestTest):

    kind = 'btrfs'

    def test_what_is_left_out_need_not_rest(self):
        self.options['excludes'] = ['/srv/none']
        self.do('prepare')
        self.assertEqual([], self.taken()['offline_mounts'])
        blank = self.recover(self.do('capture'))
        self.assertTrue(os.path.exists(os.path.join(blank, 'etc', 'one')))
        self.assertEqual([], snapshot.problems({
            'stopall': False, 'excludes': ['/srv/none']}))
        self.assertIsNone(estimate.forecast(
            {'excludes': ['/srv/none']})['outage'])
