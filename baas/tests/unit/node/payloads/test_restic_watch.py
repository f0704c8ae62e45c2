# SPDX-License-Identifier: Apache-2.0
"""A real restic whose storage goes wrong while it writes."""
import os
import subprocess
import tempfile
import time

from baas.node import errors
from baas.node.payloads import restic_cli
from baas.node.payloads import restic_watch
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.storage import places

# What it writes is refused with SSH_FX_FAILURE, and the file system has room:
# so it is with a quota.
SERVER = '''#!/bin/sh
trap '' XFSZ
ulimit -f %d
exec /usr/lib/openssh/sftp-server
'''
REFUSED = ('Save(<data/%s>) returned error, retrying after 1.01s: Write '
           '/b/data/x: sftp: "Failure" (SSH_FX_FAILURE)\n')
GOOD = 'Save(<data/%s>) operation successful after 1 retries\n'


class RefusedTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, restic_watch, 'PATIENCE',
                        restic_watch.PATIENCE)
        restic_watch.PATIENCE = 3
        os.makedirs(os.path.dirname(restic_cli.binary()))
        os.symlink(places.restic(), restic_cli.binary())
        self.write('run/%s/password' % base.JOB, 'secret\n')
        server = self.write('server', SERVER % 16000)
        os.chmod(server, 0o755)
        self.request = self.asked(
            'capture', repository='sftp:host:' + self.path('repository'),
            restic_args=['-o', 'sftp.command=' + server])

    def backup(self, size):
        restic_cli.prepare(self.request)
        path = self.write('source/file', '')
        with open(path, 'wb') as handle:
            handle.write(os.urandom(size))
        run = restic_cli.Run(self.request, ['backup', path, '--json'])
        self.addCleanup(run.kill, 0)
        until = time.monotonic() + 60
        while not run.wait(0.2) and time.monotonic() < until:
            pass
        return run.finish('read the node')

    def test_one_that_is_refused_all_it_writes_is_ended_and_says_by_what(self):
        with self.assertRaises(errors.NodeError) as caught:
            self.backup(30 << 20)
        self.assertRegex(caught.exception.cause, 'the storage refuses .* '
                         r'for \d+ seconds now: .*Failure')
        self.assertIn('has room', caught.exception.hint)

    def test_one_that_is_refused_nothing_comes_to_its_end(self):
        self.assertEqual(1, self.backup(1 << 20)['files_new'])


class WatchTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        self.now = 1000.0
        self.addCleanup(setattr, clock, 'boottime', clock.boottime)
        clock.boottime = lambda: self.now
        self.said = tempfile.TemporaryFile('w+')
        self.addCleanup(self.said.close)
        process = subprocess.Popen(['sleep', '60'])
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.watch = restic_watch.ResticWatch(
            process.pid, self.said.fileno())

    def say(self, text, seconds=0):
        self.said.write(text)
        self.said.flush()
        verdict = self.watch.verdict()
        self.now += seconds
        return verdict

    def test_what_is_refused_again_and_again_is_given_up(self):
        for _ in range(4):
            self.assertIsNone(self.say(REFUSED % 'aa', 30))
        self.assertIn('120 seconds now: Write /b/data/x', self.say(''))

    def test_what_was_taken_at_last_counts_no_more(self):
        self.say(REFUSED % 'aa', 100)
        self.say(GOOD % 'aa' + REFUSED % 'aa', 119)
        self.assertIsNone(self.say(''))

    def test_one_that_others_overtake_is_given_up(self):
        self.say(REFUSED % 'aa', 100)
        self.say(REFUSED % 'bb' + GOOD % 'bb', 20)
        self.assertIn('120 seconds', self.say(''))

    def test_a_line_that_comes_in_parts_is_one(self):
        line = REFUSED % 'aa'
        self.say(line[:20])
        self.say(line[20:], 121)
        self.assertIn('121 seconds', self.say('what it says besides\n'))
