# SPDX-License-Identifier: Apache-2.0
"""A node with a file system that has no snapshots."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

from baas.node import journal
from baas.node import paths
from baas.tests.unit import cheap_key
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks


@unittest.skipIf(loopdisks.why_not(), loopdisks.why_not())
class AtRest(base.NodeTest):
    """Has a file in it that was there for long."""

    kind = 'ext4'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.mkdtemp(prefix='baas-quiesced-')
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.image = loopdisks.filled(folder, cls.fill)

    @classmethod
    def fill(cls, place):
        """Write what a node has, or what is on its second disk."""
        if cls.kind == 'ext4':
            for name in ('etc', 'log'):
                os.mkdir(os.path.join(place, name))
            with open(os.path.join(place, 'etc', 'one'), 'w') as handle:
                handle.write('one\n')
            place = os.path.join(place, 'srv', 'none')
            os.makedirs(place)
        with open(os.path.join(place, 'large'), 'wb') as handle:
            handle.write(os.urandom(8 << 20))

    def setUp(self):
        super().setUp()
        self.data = self.path('node', 'srv', 'none')
        if self.kind == 'ext4':
            paths.TOP = loopdisks.mount(self, 'node', 'ext4', like=self.image)
        else:
            paths.TOP = loopdisks.mount(self, 'node', self.kind)
            loopdisks.mount(self, 'none', 'ext4', place=self.data,
                            like=self.image)
            os.mkdir(self.path('node', 'log'))
            self.write('node/etc/one', 'one\n')
        self.large = os.path.join(self.data, 'large')
        paths.STATE = self.path('node', 'var', 'lib', 'baas-node')
        os.makedirs(os.path.join(paths.STATE, 'bin'))
        os.symlink(loopdisks.RESTIC,
                   os.path.join(paths.STATE, 'bin', 'restic'))
        self.hand_over()
        cheap_key.repository(self.path('repository'), 'secret')
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

    def quiesce(self):
        """Have the journal say what a quiesce would."""
        with journal.edit(base.JOB, 1) as opened:
            opened.quiescing('it is quiesced', 0.0, [], {})
            opened.stage_quiescing([], ['a.service'])

    def resume(self):
        """Have the journal say what a resume would."""
        with journal.edit(base.JOB, 1) as opened:
            opened.resuming()

    def begin(self):
        self.do('prepare')
        self.seeded = self.do('precopy')
        self.quiesce()

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
