# SPDX-License-Identifier: Apache-2.0
"""What is typed at the console of a medium, before anything is written."""
import json
import os
import subprocess
import sys

from baas.node import paths
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base

RESTORE = '''
import sys
from baas.node.restore import from_iso
sys.exit(from_iso.main(sys.argv[2:], sys.argv[1]))
'''
# It has the one list that there is.
RESTIC = '#!/bin/sh\ntest $1 != version || echo restic 0.17.3 compiled\n'


@base.needs_root
class ConsoleTest(base.NodeTest):

    def restore(self, *words, typed=''):
        done = subprocess.run(
            [sys.executable, '-c', RESTORE, self.path('medium'), '--root',
             self.path('disk'), *words], input=typed, text=True,
            capture_output=True, env=self.environment())
        self.assertEqual(1, done.returncode, done.stdout)
        self.assertIn('hint: ', done.stderr)
        return done.stdout, done.stderr

    def make(self):
        self.write('medium/order.json', json.dumps({
            'backup': 'b-1', 'node': 'n1', 'created': 'then',
            'options': {'payload': 'restic', 'backup': 'b-1',
                        'files_snapshot': 's'}}))
        self.write('medium/programs/restic', RESTIC)
        os.mkdir(self.path('disk'))
        awkward.run('mount', '-t', 'tmpfs', 'none', self.path('disk'))
        self.addCleanup(awkward.run, 'umount', self.path('disk'))

    def test_a_medium_without_a_backup_is_told(self):
        self.assertIn('There is no backup in %s.' % self.path('medium'),
                      self.restore()[1])

    def test_a_key_that_cannot_be_read_is_told(self):
        self.make()
        self.assertIn('/no/key cannot be read: No such file',
                      self.restore('--key', '/no/key')[1])

    def test_who_types_nothing_breaks_it_off(self):
        self.make()
        out, said = self.restore('--key', self.write('key', 'secret'))
        self.assertIn('What is mounted at', out)
        self.assertIn('broken off', said)
        self.assertEqual([], os.listdir(self.path('disk')))
        with open(os.path.join(paths.RUN, 'medium-b-1', 'password')) as file:
            self.assertEqual('secret\n', file.read())
