# SPDX-License-Identifier: Apache-2.0
"""What every kind of payload must do; a mixin for one test class a kind: a
disk is backed up and put on another one, on real btrfs.

The class gives ``tools``, names and paths of the programs that are brought,
``secrets``, names and content of what is handed over, ``told``, what the
options say, and ``of_restore``, those that a restore takes from a capture."""
import os
import signal
import time

from baas.node.disks import btrfs
from baas.node.filelist import attributes
from baas.node.filelist import compare
from baas.node.filelist import listing
from baas.node import journal
from baas.node import paths
from baas.node.system import atomic_file
from baas.node.system import processes
from baas.tests.unit.node import awkward
from baas.tests.unit.node import base
from baas.tests.unit.node.filelist import damages
from baas.tests.unit.node import loopdisks


class RoundTrip:
    """What has to be true wherever the payload goes to."""

    tools = {}
    secrets = {}

    def setUp(self):
        super().setUp()
        paths.TOP = loopdisks.mount(self, 'node')
        self.blank = loopdisks.mount(self, 'blank')
        awkward.fill(os.fsencode(paths.TOP))
        paths.STATE = self.path('node', 'var', 'lib', 'baas-node')
        self.bring()
        self.hand_over()
        self.options = dict(self.told(), backup='b-1', host='node-0')

    def bring(self):
        os.makedirs(os.path.join(paths.STATE, 'bin'))
        for name, path in self.tools.items():
            os.symlink(path, os.path.join(paths.STATE, 'bin', name))

    def hand_over(self):
        os.makedirs(os.path.join(paths.RUN, base.JOB))
        for name, text in self.secrets.items():
            self.write('run/%s/%s' % (base.JOB, name), text)

    def do(self, verb, *words, **options):
        options = {**self.options, **options}
        status, said = self.call(verb, '--epoch', '1', *words, **options)
        self.assertEqual((0, 'done'), (status, said['state']), said)
        return said['result']

    def backup(self, **options):
        self.do('prepare')
        self.do('snapshot')
        return self.do('capture', **options)

    def recover(self, captured, **options):
        """Restore as a rescue system would, with a state of its own."""
        state = paths.STATE
        paths.STATE = self.path('rescue')
        try:
            self.bring()
            return self.call(
                'recover', '--epoch', '1', '--root', self.blank,
                **dict(self.options, **self.of_restore(captured),
                       files_sha256=captured['files_sha256'],
                       layout=self.layout(captured), **options))
        finally:
            paths.STATE = state

    def layout(self, captured):
        """Take the top of this test's node out of the paths."""
        for one in captured['layout']['subvolumes']:
            one['path'] = one['path'][len(paths.TOP):]
        return captured['layout']

    def test_everything_comes_back_and_each_damage_is_named(self):
        captured = self.backup(excludes=['/odd/#c'])
        status, said = self.recover(captured)
        self.assertEqual(0, status, said)
        self.assertEqual((captured['files'], 0),
                         (said['result']['files'],
                          said['result']['differing']))
        top = os.fsencode(self.blank)
        self.assertTrue(btrfs.is_subvolume(
            os.path.join(top, b'sub\nvolume/inner')))
        self.assertTrue(btrfs.is_read_only(os.path.join(top, b'etc/deep')))
        for name in (b'tmp/gone', b'odd/#c', b'.baas-restore',
                     b'.baas-snapshots', b'var/lib/baas-node/journal.json'):
            self.assertFalse(os.path.lexists(os.path.join(top, name)), name)
        for damage in damages.DAMAGES:
            with self.subTest(damage[1]):
                self.check_damage(top, *damage)

    def check_damage(self, top, name, word, damage):
        entries = {entry['p']: entry for entry in listing.read(
            os.path.join(paths.STATE, 'files', 'files.jsonl'))}
        names = [name] + [other for other, entry in entries.items()
                          if entry.get('i') is not None
                          and entry['i'] == entries[name].get('i')]
        comparison = compare.Comparison(top)
        for one in sorted(set(names)):
            comparison.entry(entries[one])
        self.assertEqual([], comparison.examples)
        damage(os.path.join(top, attributes.raw(name)))
        comparison = compare.Comparison(top)
        for one in sorted(set(names)):
            comparison.entry(entries[one])
        self.assertIn(word, ' '.join(comparison.examples))

    def test_what_a_check_left_that_was_broken_off_goes_with_the_next_job(
            self):
        self.write('run/%s/baas-node' % base.OTHER)
        self.write('run/%s/.new.1' % base.OTHER)
        self.write('run/share/disk')
        self.do('prepare')
        self.assertEqual({base.JOB, 'share'}, set(os.listdir(paths.RUN)))
        self.assertEqual(['disk'], os.listdir(self.path('run', 'share')))

    def test_nothing_of_the_moment_is_left_after_release(self):
        self.backup()
        home = os.path.join(paths.TOP, paths.SNAPSHOTS)
        self.assertTrue(os.path.isdir(home))
        self.do('release')
        self.assertFalse(os.path.lexists(home))
        self.assertFalse(os.path.lexists(os.path.join(paths.RUN, base.JOB)))
        with open('/proc/self/mounts') as handle:
            self.assertNotIn(paths.RUN, handle.read())
        self.do('release')

    def test_a_killed_capture_leaves_nothing_that_hinders_release(self):
        os.mkdir(os.path.join(paths.TOP, 'large'))
        for number in range(300):
            name = os.path.join(paths.TOP, 'large', str(number))
            with open(name, 'wb') as handle:
                handle.write(os.urandom(1 << 20))
        self.do('prepare')
        self.do('snapshot')
        self.call('capture', '--epoch', '1', '--detach', **self.options)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            said = atomic_file.read_json(paths.work(base.JOB, 'capture.json'))
            if said['task'] == 'reading files':
                break
            time.sleep(0.01)
        self.assertEqual('running', said['state'])
        os.kill(said['pid'], signal.SIGKILL)
        status, followed = self.call('follow', 'capture', '--epoch', '1')
        self.assertEqual((1, 'error'), (status, followed['state']))
        released = self.do('release')
        self.assertEqual(4, len(released['dropped']))
        self.assertFalse(processes.group_lives(said['group']))


class PayloadContract(RoundTrip):
    """The contract of :class:`baas.node.payloads.base.Payload`."""

    def test_a_capture_is_no_faster_than_it_may_be_and_comes_back(self):
        with open(os.path.join(paths.TOP, 'large'), 'wb') as handle:
            handle.write(os.urandom(4 << 20))
        began = time.monotonic()
        captured = self.backup(pace={'bytes': 1 << 20, 'gentle': True,
                                     'processors': 1, 'files': 1})
        # What goes in the first second may come beside the others.
        self.assertGreater(time.monotonic() - began, 2.5)
        status, said = self.recover(captured)
        self.assertEqual((0, 0), (status, said['result']['differing']))

    def test_snapshots_of_others_are_not_touched(self):
        home = os.path.join(os.fsencode(paths.TOP), b'.baas-snapshots')
        os.makedirs(os.path.join(home, b'another-job'))
        theirs = os.path.join(home, b'another-job', b'0')
        btrfs.create(theirs)
        self.backup()
        self.do('release')
        self.assertTrue(btrfs.is_subvolume(theirs))

    def test_the_second_backup_reads_only_what_has_changed(self):
        # What has just been written is not trusted to stay.
        time.sleep(2.1)
        first = self.backup()
        self.do('release')
        self.hand_over()
        with open(os.path.join(paths.TOP, 'changed'), 'w') as handle:
            handle.write('x' * 5000)
        second = self.backup(parent=first['snapshot'], backup='b-2')
        self.assertLess(second['hashed_bytes'], first['hashed_bytes'] // 10)
        self.assertEqual(first['files'] + 1, second['files'])

    def test_a_disk_that_is_not_blank_is_refused(self):
        captured = self.backup()
        awkward.put(os.path.join(os.fsencode(self.blank), b'precious'))
        status, said = self.recover(captured)
        self.assertEqual(1, status)
        self.assertIn('precious', said['error']['cause'])

    def test_a_restore_that_was_cut_off_is_begun_again(self):
        captured = self.backup()
        # What a first try may have left: locked files and half the content.
        marker = os.path.join(self.blank, paths.MARKER)
        os.makedirs(marker)
        with open(os.path.join(marker, 'restore.json'), 'w') as handle:
            handle.write('{"job": "%s"}' % base.JOB)
        os.makedirs(os.path.join(self.blank, 'flags', 'kept'))
        inside = os.path.join(self.blank, 'flags', 'kept', 'inside')
        awkward.put(inside, b'half')
        attributes.set_flags(inside, attributes.IMMUTABLE)
        attributes.set_flags(os.path.dirname(inside), attributes.IMMUTABLE)
        status, said = self.recover(captured)
        self.assertEqual(0, status, said)

    def test_a_list_that_is_not_the_one_of_the_backup_is_refused(self):
        captured = self.backup()
        status, said = self.recover(dict(captured, files_sha256='0' * 64))
        self.assertEqual(1, status)
        self.assertIn('file list', said['error']['cause'])

    def test_capture_without_a_snapshot_is_refused(self):
        self.do('prepare')
        status, said = self.call('capture', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('snapshot', said['error']['cause'])

    def test_a_backup_that_the_dead_man_spoiled_is_refused(self):
        self.do('prepare')
        with self.edit() as opened:
            opened.quiescing('token', 0.0, ['a.service'], {})
            opened.fired()
        status, said = self.call('snapshot', '--epoch', '1', **self.options)
        self.assertEqual(1, status)
        self.assertIn('resumed', said['error']['cause'])

    def edit(self):
        return journal.edit(base.JOB, 1)
