# SPDX-License-Identifier: Apache-2.0
"""A node with a file system that has no snapshots."""
import json
import os
import subprocess
import time
import unittest

from baas.node import journal
from baas.node import paths
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class AtRest(base.NodeTest):
    """Has a file in it that was there for long."""

    kind = 'ext4'

    def setUp(self):
        super().setUp()
        paths.TOP = loopdisks.mount(self, 'node', self.kind)
        self.data = self.path('node', 'srv', 'none')
        if self.kind != 'ext4':
            loopdisks.mount(self, 'none', 'ext4', 1 << 28, self.data)
        paths.STATE = self.path('node', 'var', 'lib', 'baas-node')
        os.makedirs(os.path.join(paths.STATE, 'bin'))
        os.symlink(loopdisks.RESTIC,
                   os.path.join(paths.STATE, 'bin', 'restic'))
        self.hand_over()
        os.makedirs(self.data, exist_ok=True)
        for name in ('etc', 'log'):
            os.makedirs(self.path('node', name))
        self.write('node/etc/one', 'one\n')
        self.large = self.path('node', 'srv', 'none', 'large')
        with open(self.large, 'wb') as handle:
            handle.write(os.urandom(8 << 20))
        # What has just been written is not trusted to stay.
        for folder, _, names in os.walk(paths.TOP):
            for name in names:
                os.utime(os.path.join(folder, name), (1, 1),
                         follow_symlinks=False)
        time.sleep(2.1)
        self.options = {'repository': self.path('repository'),
                        'restic_args': [], 'backup': 'b-1', 'host': 'node-0',
                        'excludes': []}

    def hand_over(self):
        os.makedirs(os.path.join(paths.RUN, base.JOB))
        self.write('run/%s/password' % base.JOB, 'secret\n')

    def do(self, verb, *words, **options):
        status, said = self.call(verb, '--epoch', '1', *words,
                                 **dict(self.options, **options))
        self.assertEqual((0, 'done'), (status, said['state']), said)
        return said['result']

    def rest(self, token='it rests'):
        """Have the record say what a rest would."""
        with journal.held(base.JOB, 1) as held:
            held.data['rest_token'] = token
            held.data['rested'] = ['a.service']
            held.save()

    def begin(self):
        self.do('prepare')
        self.seeded = self.do('seed')
        self.rest()

    def take(self):
        return self.call('snapshot', '--epoch', '1',
                         capture=self.options)

    def taken(self):
        status, said = self.take()
        self.assertEqual((0, 'done'), (status, said['state']), said)
        return said['result']

    def captured(self):
        """Ask for the capture as a playbook does."""
        status, said = self.call('capture', '--epoch', '1', '--detach',
                                 **self.options)
        self.assertEqual((0, 'done'), (status, said['state']), said)
        return said['result']

    def repository(self, *words):
        done = subprocess.run(
            [loopdisks.RESTIC, '-r', self.options['repository'], '--json',
             '--no-cache'] + list(words), check=True, stdout=subprocess.PIPE,
            env=dict(os.environ, RESTIC_PASSWORD='secret'))
        return json.loads(done.stdout)

    def recover(self, captured):
        blank = loopdisks.mount(self, 'blank', 'ext4')
        state = paths.STATE
        paths.STATE = self.path('rescue')
        try:
            os.makedirs(os.path.join(paths.STATE, 'bin'))
            os.symlink(loopdisks.RESTIC,
                       os.path.join(paths.STATE, 'bin', 'restic'))
            status, said = self.call(
                'recover', '--epoch', '1', '--root', blank,
                **dict(self.options, snapshot=captured['snapshot'],
                       files_snapshot=captured['files_snapshot'],
                       files_sha256=captured['files_sha256'],
                       layout={'subvolumes': []}))
        finally:
            paths.STATE = state
        self.assertEqual((0, 0), (status, said['result']['differing']), said)
        return blank
