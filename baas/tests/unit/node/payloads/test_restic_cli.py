# SPDX-License-Identifier: Apache-2.0
"""What is known of restic on a node and on the conductor."""
import os
import shutil
import subprocess
import unittest

from baas.node import errors
from baas.node.payloads import restic_cli
from baas.tests.unit.node import base
from baas.tests.unit.storage import places

_TWO = (
    'Fatal: unable to open config file: Stat: no such file.\n'
    'Is there a repository at the following location?\n/srv/none\n')


class ComplaintTest(unittest.TestCase):

    def test_it_is_one_thing_in_several_lines(self):
        self.assertEqual(
            'Fatal: unable to open config file: Stat: no such file; Is there '
            'a repository at the following location?; /srv/none',
            restic_cli.complaint(_TWO))

    def test_it_is_read_where_it_is_json(self):
        said = ('{"message_type":"exit_error","code":12,"message":"Fatal: '
                'wrong password"}\n{"error":{"message":"no such file"}}\n'
                '[1]\n\n17\n')
        self.assertEqual('Fatal: wrong password; no such file; [1]; 17',
                         restic_cli.complaint(said))

    def test_it_is_never_silent_and_never_long(self):
        self.assertEqual('it said nothing', restic_cli.complaint(' \n'))
        self.assertEqual(('long ' * 80).strip(),
                         restic_cli.complaint('long ' * 1000))

    def test_what_is_old_is_told_by_the_version(self):
        for said, old in (('restic 0.16.5 compiled', True), ('', True),
                          ('restic dev', True), ('restic 0.17.0', False),
                          ('restic 1.0.0-dev (compiled manually)', False)):
            self.assertEqual(
                old, restic_cli.is_old(restic_cli.version_in(said)), said)


class EnvironmentTest(base.NodeTest):

    def test_a_restic_that_was_told_otherwise_does_what_it_is_told(self):
        found = [path for path in places.RESTICS if os.path.exists(path)]
        if not found:
            self.skipTest('There is no restic here')
        os.makedirs(os.path.dirname(restic_cli.binary()), exist_ok=True)
        shutil.copy(found[0], restic_cli.binary())
        for name, value in (('RESTIC_REPOSITORY_FILE', '/none'),
                            ('RESTIC_PASSWORD_COMMAND', 'false'),
                            ('RESTIC_KEY_HINT', 'none'),
                            ('RESTIC_COMPRESSION', 'none'),
                            ('RESTIC_PACK_SIZE', 'none'),
                            ('RESTIC_CACERT', '/none')):
            self.addCleanup(os.environ.pop, name)
            os.environ[name] = value
        asked = self.asked('prepare', repository=self.path('repository'))
        self.write('run/%s/password' % base.JOB, 'secret\n')
        self.assertTrue(restic_cli.prepare(asked))
        words, environment = restic_cli.call(asked, ['snapshots', '--json'])
        self.assertEqual(b'[]', subprocess.run(
            words, env=environment, stdout=subprocess.PIPE,
            check=True).stdout.strip())


class FailTest(base.NodeTest):
    """A restic that does what a test says."""

    def restic(self, script):
        os.chmod(self.write('state/bin/restic', '#!/bin/sh\n' + script), 0o755)
        return self.asked('prepare', repository='/r')

    def test_without_a_password_nothing_is_begun(self):
        with self.assertRaisesRegex(errors.NodeError, 'password .* is not on'):
            restic_cli.require_credentials(base.JOB)

    def test_a_repository_that_cannot_be_made_is_an_error(self):
        asked = self.restic('test "$1" = cat && exit 10\n'
                            'echo no room >&2; exit 1')
        with self.assertRaisesRegex(errors.NodeError,
                                    'make the repository .*1.: no room'):
            restic_cli.prepare(asked)

    def test_snapshots_that_cannot_be_listed_are_none_only_if_that_will_do(
            self):
        asked = self.restic('exit 1')
        with self.assertRaisesRegex(errors.NodeError, 'list the snapshots'):
            restic_cli.tagged(asked, 'precopy', 'b')
        self.assertEqual([], restic_cli.tagged(asked, 'precopy', 'b', True))

    def test_what_is_no_message_is_passed_over(self):
        asked = self.restic('echo 17; echo word\n'
                            "echo '{\"message_type\": \"summary\"}'")
        run = restic_cli.Run(asked, ['backup'])
        self.addCleanup(run.kill, 0)
        while not run.wait(1):
            pass
        self.assertEqual({'message_type': 'summary'}, run.finish('read'))
