# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import signal
import subprocess
import time
import unittest

from baas import keys
from baas.node import background
from baas.node import paths
from baas.node.snapshots import snapshot
from baas.node.system import atomic_file
from baas.node.system import processes
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks
from baas.tests.unit.node.payloads import contract
from baas.tests.unit.node.payloads import filling
from baas.tests.unit.node.payloads import measured

KEY = keys.MasterKey(bytes(range(32)))
_MISSING = [name for name in ('age', 'zstd', 'tar') if not shutil.which(name)]
WHY_NOT = loopdisks.why_not() or ('there is no %s' % _MISSING
                                  if _MISSING else '')
CAN = not WHY_NOT
ARCHIVE = 'backup.tar.zst.age'


class TarPayload:
    """What a contract asks of a test with the payload ``tar``; ``store`` says
    where to."""

    tools = {'age': shutil.which('age')}
    secrets = {'identity': KEY.node_identity('node-0') + '\n'}

    def told(self):
        os.mkdir(self.path('storage'))
        return {'payload': 'tar', 'folder': 'node-0/tar',
                'recipient': KEY.node_recipient('node-0'),
                'store': self.store()}

    def of_restore(self, captured):
        return {name: captured[name] for name in ('archive', 'list')}

    def stored(self, backup='b-1'):
        return self.path('storage', 'node-0', 'tar', backup)


@unittest.skipUnless(CAN, WHY_NOT)
class TarTest(TarPayload, contract.PayloadContract,
              filling.FillingContract, measured.MeasuredContract,
              base.NodeTest):

    def store(self):
        return {'kind': 'folder', 'path': self.path('storage')}

    def refused(self, words, verb='capture', **options):
        status, said = self.call(verb, '--epoch', '1',
                                 **dict(self.options, **options))
        self.assertEqual((1, 'error'), (status, said['state']), said)
        self.assertRegex(said['error']['cause'], words)

    def test_what_is_stored_has_the_size_and_checksum_that_are_told(self):
        captured = self.backup()
        self.assertEqual(['backup.tar.zst.age', 'files.jsonl.zst.age'],
                         sorted(os.listdir(self.stored())))
        for told in (captured['archive'], captured['list']):
            path = self.path('storage', told['name'])
            self.assertEqual(os.stat(path).st_size, told['size'])
            done = subprocess.run(['sha256sum', path], check=True,
                                  stdout=subprocess.PIPE)
            self.assertEqual(told['sha256'], done.stdout.decode().split()[0])

    def test_without_the_identity_nothing_can_be_read(self):
        self.write('node/etc/note', 'the secret of the node\n' * 100)
        self.backup()
        for name in os.listdir(self.stored()):
            with open(os.path.join(self.stored(), name), 'rb') as handle:
                data = handle.read()
            self.assertTrue(data.startswith(b'age-encryption.org/v1\n'))
        self.write('other', KEY.node_identity('node-1'))
        done = subprocess.run(
            ['age', '-d', '-i', self.path('other'),
             os.path.join(self.stored(), ARCHIVE)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((1, b''), (done.returncode, done.stdout))

    def test_rear_can_unpack_it_with_its_own_words(self):
        self.write('node/etc/note', 'by hand\n')
        self.backup()
        self.write('identity', KEY.node_identity('node-0'))
        subprocess.run(
            'dd if=%s status=none | age -d -i %s | tar --block-number '
            '--totals --verbose --anchored --xattrs --xattrs-include="*.*" '
            '--acls --selinux --zstd -C %s/ -x -f -' % (
                os.path.join(self.stored(), ARCHIVE), self.path('identity'),
                self.blank), shell=True, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(self.blank, 'etc', 'note')) as handle:
            self.assertEqual('by hand\n', handle.read())
        found = os.stat(os.path.join(self.blank, 'setuid'))
        self.assertEqual((7, 8, 0o6711), (found.st_uid, found.st_gid,
                                          found.st_mode & 0o7777))

    def test_an_archive_of_that_name_is_never_overwritten(self):
        os.makedirs(self.stored())
        self.write(os.path.join(self.stored(), ARCHIVE), 'precious')
        self.do('prepare')
        self.do('snapshot')
        self.refused('stored already')
        with open(os.path.join(self.stored(), ARCHIVE)) as handle:
            self.assertEqual('precious', handle.read())
        self.do('release')
        self.assertEqual([ARCHIVE], os.listdir(self.stored()))

    def test_a_capture_that_is_done_again_replaces_what_it_had_stored(self):
        first = self.backup()
        second = self.do('capture')
        self.assertNotEqual(first['archive'], second['archive'])
        self.assertEqual(2, len(os.listdir(self.stored())))
        self.assertEqual(0, self.recover(second)[0])

    def test_a_killed_capture_harms_no_earlier_backup(self):
        self.backup()
        self.do('release')
        before = self.content('b-1')
        self.hand_over()
        with open(os.path.join(paths.TOP, 'large'), 'wb') as handle:
            for _ in range(300):
                handle.write(os.urandom(1 << 20))
        self.options['backup'] = 'b-2'
        self.do('prepare')
        self.do('snapshot')
        self.call('capture', '--epoch', '1', '--detach', **self.options)
        partial = os.path.join(self.stored('b-2'),
                               '.%s.%s' % (ARCHIVE, base.JOB))
        self.wait_until(lambda: os.path.exists(partial)
                        and os.stat(partial).st_size > 10 << 20)
        said = atomic_file.read_json(background.path(base.JOB, 'capture'))
        os.kill(said['pid'], signal.SIGKILL)
        self.wait_until(lambda: not processes.group_lives(said['group']))
        self.assertEqual([os.path.basename(partial)],
                         os.listdir(self.stored('b-2')))
        self.do('release')
        self.assertEqual([], os.listdir(self.stored('b-2')))
        self.assertEqual(before, self.content('b-1'))

    def content(self, backup):
        found = {}
        for name in os.listdir(self.stored(backup)):
            with open(os.path.join(self.stored(backup), name), 'rb') as file:
                found[name] = file.read()
        return found

    def wait_until(self, holds):
        until = time.monotonic() + 30
        while not holds():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)

    def test_a_flipped_bit_is_found_before_anything_comes_of_it(self):
        captured = self.backup()
        self.flip(os.path.join(self.stored(), ARCHIVE))
        status, said = self.recover(captured)
        self.assertEqual((1, 'error'), (status, said['state']), said)
        self.assertIn('age ended with 1', said['error']['cause'])

    def flip(self, path):
        with open(path, 'r+b') as handle:
            handle.seek(os.stat(path).st_size // 2)
            byte = handle.read(1)
            handle.seek(-1, os.SEEK_CUR)
            handle.write(bytes([byte[0] ^ 1]))

    def test_another_archive_in_its_place_is_found(self):
        captured = self.backup()
        self.do('release')
        self.hand_over()
        self.write('node/etc/more')
        self.backup(backup='b-2')
        shutil.copy(os.path.join(self.stored('b-2'), ARCHIVE),
                    os.path.join(self.stored(), ARCHIVE))
        status, said = self.recover(captured)
        self.assertEqual((1, 'error'), (status, said['state']), said)
        self.assertIn('not what this backup had stored',
                      said['error']['cause'])

    def test_a_storage_that_is_full_is_told_and_left_as_it_was(self):
        loopdisks.mount(self, 'storage', 'ext4', 16 << 20)
        with open(os.path.join(paths.TOP, 'large'), 'wb') as handle:
            handle.write(os.urandom(30 << 20))
        self.do('prepare')
        self.do('snapshot')
        self.refused('No space left')
        self.assertEqual([], os.listdir(self.stored()))

    def test_a_storage_that_is_not_there_is_refused_at_once(self):
        os.rmdir(self.path('storage'))
        self.refused('does not exist', 'prepare')

    def test_file_systems_without_snapshots_are_refused_by_name(self):
        loopdisks.mount(self, 'more', 'ext4', 16 << 20,
                        os.path.join(paths.TOP, 'more'))
        [problem] = snapshot.problems({'payload': 'tar', 'stopall': True})
        self.assertRegex(problem['cause'], 'needs snapshots.*more .ext4.')
        self.do('prepare')
        self.refused('needs snapshots.*more .ext4.', 'snapshot',
                     capture=self.options)
