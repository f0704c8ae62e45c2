# SPDX-License-Identifier: Apache-2.0
"""What other programs say, and what is made of it."""
import gzip
import os
import time

from baas.node.cluster import mariadb_dump
from baas.node.cluster import membership
from baas.node.disks import filesystems
from baas.node import errors
from baas.node.payloads import restic_cli
from baas.node.quiesce import resume
from baas.node.quiesce import wait_healthy
from baas.node.services import systemd
from baas.node.system import command
from baas.node.system import ssh_watch
from baas.node.system import syscalls
from baas.tests.unit.node import base

CRM_MON = '''<pacemaker-result api-version="2.25"><summary>
<current_dc present="true" with_quorum="%s"/></summary><nodes>
<node name="c-1" online="true" standby="false"/>
<node name="c-0" online="true"/><node name="c-2" online="false"/>
</nodes></pacemaker-result>'''
MOUNTINFO = r'''22 1 0:20 / / rw - btrfs /dev/vda2 rw,subvol=/
30 22 0:20 /sub /odd\040name rw - btrfs /dev/vda2 rw
31 22 8:1 / /boot rw shared:3 master:1 - ext4 /dev/sda1 rw
32 22 8:1 /grub /mnt/grub rw - ext4 /dev/sda1 rw
33 22 0:50 / /mnt/nfs rw - nfs4 server:/x rw
'''


class ClusterTest(base.NodeTest):

    def test_members_and_quorum_are_read(self):
        self.assertEqual(
            {'quorum': True, 'online': ['c-0', 'c-1'], 'offline': ['c-2']},
            membership.parse_crm_mon(CRM_MON % 'true'))
        self.assertFalse(membership.parse_crm_mon(CRM_MON % 'false')['quorum'])

    def test_what_is_no_xml_is_no_answer(self):
        with self.assertRaises(errors.Unknown):
            membership.parse_crm_mon('Connection refused')

    def test_who_lacks_is_named(self):
        self.assertEqual('b', wait_healthy.lacks(['a', 'b'], ['a', 'c']))
        self.assertEqual('', wait_healthy.lacks(['a'], ['a', 'c']))
        self.assertEqual('1 of 3', wait_healthy.lacks(3, ['a', 'b']))


class MountTest(base.NodeTest):

    def test_odd_names_and_optional_fields_are_read(self):
        mounts = filesystems.mounts(self.write('mountinfo', MOUNTINFO))
        self.assertEqual([b'/', b'/odd name', b'/boot', b'/mnt/grub',
                          b'/mnt/nfs'], [one['mountpoint'] for one in mounts])
        self.assertEqual(['btrfs', 'btrfs', 'ext4', 'ext4', 'nfs4'],
                         [one['fstype'] for one in mounts])

    def test_a_path_is_on_the_innermost_mount(self):
        mounts = filesystems.mounts(self.write('mountinfo', MOUNTINFO))
        for path, device in (('/etc', '/dev/vda2'), ('/boot/x', '/dev/sda1'),
                             ('/bootx', '/dev/vda2')):
            with self.subTest(path):
                self.assertEqual(
                    device, filesystems.holding(path, mounts)['device'])


class DumpTest(base.NodeTest):

    def compressed(self, words, path, positions=()):
        """Compress what a program says; give its size and the position."""
        answers = iter(positions)

        def committed():
            found = next(answers, None)
            if isinstance(found, Exception):
                raise found
            return found
        stream = mariadb_dump.Stream(words, committed)
        return stream.compress(path, 'Hint.'), stream.position()

    def test_a_dump_without_its_last_line_is_refused(self):
        path = self.path('dump.gz')
        with self.assertRaises(errors.NodeError):
            self.compressed(['echo', 'CREATE TABLE'], path)
        self.assertEqual([], [name for name in os.listdir(self.folder)
                              if name.startswith('dump')])

    def test_a_dump_that_failed_is_refused_even_when_it_looks_whole(self):
        with self.assertRaises(errors.NodeError) as caught:
            self.compressed(
                ['sh', '-c', 'echo "-- Dump completed"; echo no >&2; exit 2'],
                self.path('dump.gz'))
        self.assertIn('no', caught.exception.cause)

    def test_a_dump_that_cannot_be_written_is_ended(self):
        before = syscalls.children(os.getpid())
        with self.assertRaises(FileNotFoundError):
            self.compressed(['sleep', '600'], self.path('none/dump.gz'))
        self.assertLessEqual(set(syscalls.children(os.getpid())),
                             set(before))

    def test_a_whole_dump_is_kept(self):
        path = self.path('dump.gz')
        size, _ = self.compressed(
            ['printf', 'CREATE TABLE a;\\n-- Dump completed on x\\n'], path)
        with gzip.open(path) as handle:
            self.assertEqual(size, len(handle.read()))

    def test_its_position_is_taken_once_its_transaction_has_begun(self):
        words = ['printf', "-- CHANGE MASTER TO MASTER_LOG_FILE='b.1', "
                 "MASTER_LOG_POS=793;\n-- Current Database: `a`\n"
                 "-- SET GLOBAL gtid_slave_pos='0-7-3';\n-- Dump completed\n"]
        for positions, galera in (
                ([('u', 5), ('u', 7)],
                 {'uuid': 'u', 'first': 5, 'last': 7}),
                ([('u', 5), ('other', 7)],
                 {'uuid': 'u', 'first': 5, 'last': None}),
                ([('u', 5), None],
                 {'uuid': 'u', 'first': 5, 'last': None}),
                # A dump is good without it.
                ([('u', 5), errors.NodeError('It is gone.', 'Wait.')],
                 {'uuid': 'u', 'first': 5, 'last': None}),
                ([None], None)):
            _, position = self.compressed(words, self.path('dump.gz'),
                                          positions)
            self.assertEqual(
                {'galera': galera, 'binlog': {
                    'file': 'b.1', 'position': 793, 'gtid': '0-7-3'}},
                position)


class CommandTest(base.NodeTest):

    def test_a_command_that_hangs_is_ended(self):
        status, _, said = command.attempt(['sleep', '20'], 0.2)
        self.assertEqual(124, status)
        self.assertIn('no answer', said)

    def test_a_failure_tells_the_last_words(self):
        with self.assertRaises(errors.NodeError) as caught:
            command.run(['sh', '-c', 'echo first; echo last words. >&2; '
                         'exit 3'], 'hint')
        self.assertIn('ended with 3: last words.', caught.exception.cause)

    def test_what_must_come_to_its_end_outlives_who_began_it(self):
        path = self.path('done')
        command.run_uninterrupted(
            ['sh', '-c', 'ps -o sid= $$ > %s' % path], 'Look.')
        with open(path) as handle:
            self.assertNotEqual(os.getsid(0), int(handle.read()))

    def test_how_it_has_failed_is_told(self):
        for words, seconds, cause in (
                (['sh', '-c', 'echo no luck >&2; exit 3'], 60,
                 'ended with 3: no luck.'),
                (['/no/such/program'], 60, 'No such file'),
                (['sleep', '1'], 0.1, 'sleep has not ended within 0 seconds')):
            with self.assertRaises(errors.NodeError) as caught:
                command.run_uninterrupted(words, 'Look.', seconds)
            self.assertIn(cause, caught.exception.cause)
            self.assertEqual('Look.', caught.exception.hint)


class ResticTest(base.NodeTest):

    def test_what_restic_would_take_for_a_pattern_is_plain(self):
        self.assertEqual('/a\\*b\\?c\\[d\\\\e',
                         restic_cli.literal(b'/a*b?c[d\\e'))
        self.assertEqual('/new?line?and?x', restic_cli.literal(
            b'/new\nline\xffand x'))
        self.assertEqual('/k\u00e4se', restic_cli.literal('/käse'.encode()))

    def test_the_run_folder_is_put_into_arguments(self):
        asked = self.asked('capture', restic_args=['-o', 'x={run}/key'])
        self.assertEqual(
            [self.path('state', 'bin', 'restic'), '-o',
             'x=%s/key' % self.path('run', base.JOB), 'cat'],
            restic_cli._words(asked, ['cat']))

    def test_secrets_are_in_no_argument(self):
        asked = self.asked('capture', repository='sftp:u@h:/p')
        words, environment = restic_cli.call(asked, ['cat', 'config'])
        self.assertEqual(self.path('run', base.JOB, 'password'),
                         environment['RESTIC_PASSWORD_FILE'])
        self.assertNotIn('RESTIC_PASSWORD', environment)
        self.assertNotIn('password', ' '.join(words))

    def test_one_that_waits_for_an_ssh_that_has_ended_is_ended(self):
        self.addCleanup(setattr, ssh_watch, 'ALONE', ssh_watch.ALONE)
        ssh_watch.ALONE = 1
        path = self.write('state/bin/restic',
                          '#!/bin/sh\nsleep 5 & exec sleep 60\n')
        os.chmod(path, 0o755)
        run = restic_cli.Run(self.asked('capture', repository='sftp:h:/p'), [])
        self.addCleanup(run.kill, 0)
        until = time.monotonic() + 20
        while not run.wait(0.2) and time.monotonic() < until:
            pass
        with self.assertRaises(errors.NodeError) as caught:
            run.finish('read the node')
        self.assertIn('connection to the storage has ended',
                      caught.exception.cause)

    def test_no_restic_is_an_error_with_a_hint(self):
        with self.assertRaises(errors.NodeError) as caught:
            restic_cli.require()
        self.assertIn('no restic', caught.exception.cause)

    def test_an_old_restic_is_refused(self):
        path = self.write('state/bin/restic',
                          '#!/bin/sh\necho restic 0.14.0 compiled\n')
        os.chmod(path, 0o755)
        with self.assertRaises(errors.NodeError) as caught:
            restic_cli.require()
        self.assertIn('0.14.0', caught.exception.cause)


class ResumeOrderTest(base.NodeTest):

    def test_what_stopped_last_starts_first(self):
        owed = [{'kind': 'unit', 'unit': 'api', 'stage': 1, 'was': 'active'},
                {'kind': 'desync'},
                {'kind': 'unit', 'unit': 'db', 'stage': 2, 'was': 'active'},
                {'kind': 'unit', 'unit': 'mq', 'stage': 2, 'was': 'active'}]
        self.assertEqual([['mq', 'db'], ['api']], [
            [undo['unit'] for undo in stage]
            for stage in resume._stages(owed)])

    def test_a_unit_that_was_failing_need_not_do_better(self):
        was = {'was': 'activating'}
        self.assertTrue(systemd.is_back(was, 'failed', True))
        self.assertFalse(systemd.is_back(was, 'failed', False))
        for asked in (True, False):
            self.assertFalse(systemd.is_back({'was': 'active'}, 'failed',
                                             asked))
            self.assertFalse(systemd.is_back({'was': 'active'}, 'activating',
                                             asked))
            self.assertTrue(systemd.is_back({'was': 'active'}, 'active',
                                            asked))
