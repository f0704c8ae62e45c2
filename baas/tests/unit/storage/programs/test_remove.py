# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from oslo_config import cfg

from baas.conf import opts
from baas import program
from baas.storage import manifest
from baas.storage.payloads import restic as payload
from baas.storage.payloads import restic_cli
from baas.storage.programs import remove
from baas.tests.unit.storage import site

# restic itself waits for a moment when it has locked a repository, to see
# whether somebody else has done so.
_STILL = '''#!/bin/sh
case " $* " in *" {word} "*) ;; *) exec {restic} "$@" ;; esac
{restic} "$@" <&0 &
until [ -e "$1" ]; do set -- {locks}/*; done
kill -STOP $! && touch {folder}/stands-still
wait
'''


class RemoveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.full = site.Site(cls.addClassCleanup)
        for backup in ('b1', 'b2'):
            cls.full.take(backup)

    def setUp(self):
        self.site = site.Site(self.addCleanup, like=self.full)

    def remove(self, backup='b1', **fields):
        said = self.site.program('remove', node='n1', backup=backup, **fields)
        self.assertEqual('done', said['state'], said)
        return said['result']

    def whole(self, backup):
        """Demand that a backup restores: every byte of every file."""
        made = manifest.read(self.site.storage, self.site.key, 'n1', backup)
        self.site.call('check', '--read-data')
        target = self.site.folder / 'restored'
        self.site.call('restore', made['payload']['snapshot'], '--target',
                       str(target))
        for path in target.rglob('of-*'):
            self.assertEqual((self.site.tree / path.name).read_bytes(),
                             path.read_bytes())
        self.assertTrue((target / f'of-{backup}').exists())
        shutil.rmtree(target)

    def test_the_other_backup_stays_restorable(self):
        # What only the removed one has, so that there is data to clear.
        (self.site.tree / 'of-b1').unlink()
        self.site.take('b3')
        result = self.remove('b2')
        self.remove('b1')
        self.assertEqual(2, result['snapshots'])
        self.assertEqual(['b3'], manifest.backups(self.site.storage, 'n1'))
        self.assertEqual(['backup=b3'] * 2 + ['kind=files', 'kind=payload'],
                         self.site.snapshots())
        self.whole('b3')

    def test_the_space_of_the_removed_one_is_freed(self):
        result = self.remove('b2')
        self.assertGreater(result['freed_bytes'], 1_900_000)
        self.whole('b1')

    def test_removing_again_is_no_error(self):
        self.remove()
        self.assertEqual(0, self.remove()['snapshots'])
        self.whole('b2')

    def test_several_that_never_became_whole_go_together(self):
        self.site.capture('b3')
        self.site.capture('b4')
        result = self.remove('b9', incomplete=True, others={
            'b1': 'restic', 'b3': 'restic', 'b4': 'restic'})
        self.assertEqual(4, result['snapshots'])
        # One of them was whole.
        for backup in ('b1', 'b2'):
            self.whole(backup)

    def test_a_backup_that_never_was_removes_nothing(self):
        self.assertEqual(0, self.remove('b9')['snapshots'])
        self.assertEqual(0, self.site.program(
            'remove', node='n7', backup='b1')['result']['snapshots'])
        self.whole('b1')
        self.whole('b2')

    def test_the_id_of_one_backup_may_begin_like_another(self):
        self.remove('b')
        self.whole('b1')

    def test_what_a_failed_run_left_goes_without_clearing_data(self):
        self.site.capture('b3')
        packs = len(self.site.packs())
        result = self.remove('b3', incomplete=True)
        self.assertEqual((2, 0), (result['snapshots'],
                                  result['freed_bytes']))
        self.assertEqual(packs, len(self.site.packs()))
        self.whole('b2')
        # The next removal clears it away.
        self.assertGreater(self.remove('b1')['freed_bytes'], 1_900_000)
        self.whole('b2')

    def test_what_is_called_incomplete_and_is_whole_stays(self):
        before = self.site.snapshots()
        whole = self.remove('b2', incomplete=True)['whole']
        made = manifest.read(self.site.storage, self.site.key, 'n1', 'b2')
        self.assertEqual(made['payload']['snapshot'], whole['snapshot'])
        self.assertEqual(before, self.site.snapshots())
        self.whole('b2')

    def test_killed_in_the_middle_it_works_again(self):
        for word in ('forget', 'prune'):
            with self.subTest(word):
                self.site = site.Site(self.addCleanup, like=self.full)
                self.kill_remove_at(word)
                self.remove('b2')
                self.assertEqual(['backup=b1', 'backup=b1', 'kind=files',
                                  'kind=payload'], self.site.snapshots())
                self.whole('b1')
                # What was forgotten before the kill is cleared nevertheless.
                self.assertLess(sum(path.stat().st_size
                                    for path in self.site.packs()),
                                2_200_000)

    def kill_remove_at(self, word):
        """Kill a removal of b2 with all of its processes.

        Its restic stands still when it has locked the repository, however
        late this process looks.

        :param word: the command of restic that it is at.
        """
        known = self.site.config.read_text()
        still = self.site.folder / 'still-restic'
        still.write_text(_STILL.format(
            word=word, restic=self.site.restic, folder=self.site.folder,
            locks=self.site.root / 'n1/restic/locks'))
        still.chmod(0o700)
        path = self.site.job_file('remove', node='n1', backup='b2')
        self.site.config.write_text(known.replace(
            f'restic = {self.site.restic}\n', f'restic = {still}\n'))
        subprocess.run(self.site.command('remove', path, '--detach'),
                       check=True, capture_output=True)
        state = path.with_name(path.name + '.state')
        until = time.monotonic() + 120
        while not (self.site.folder / 'stands-still').exists():
            found = json.loads(state.read_text())
            self.assertEqual('running', found['said']['state'], found)
            self.assertLess(time.monotonic(), until, found)
            time.sleep(0.01)
        os.killpg(json.loads(state.read_text())['pid'], signal.SIGKILL)
        self.site.config.write_text(known)

    @contextlib.contextmanager
    def backup_under_way(self):
        """Hold the repository, as a backup that waits for its input."""
        environment = {**os.environ,
                       'RESTIC_PASSWORD': self.site.key.node_password('n1'),
                       'RESTIC_REPOSITORY': str(self.site.root / 'n1/restic'),
                       'RESTIC_CACHE_DIR': str(self.site.folder / 'cache')}
        process = subprocess.Popen(
            [self.site.restic, 'backup', '--stdin', '-q'], env=environment,
            stdin=subprocess.PIPE)
        locks = pathlib.Path(environment['RESTIC_REPOSITORY'], 'locks')
        until = time.monotonic() + 60
        while time.monotonic() < until and not any(locks.iterdir()):
            time.sleep(0.05)
        try:
            yield process
        finally:
            process.stdin.close()
            process.wait()

    def test_the_lock_of_a_dead_process_is_no_obstacle(self):
        with self.backup_under_way() as process:
            process.kill()
        self.assertTrue(any((self.site.root / 'n1/restic/locks').iterdir()))
        self.remove('b2')
        self.whole('b1')

    def test_a_living_user_of_the_repository_is_waited_for(self):
        path = self.site.job_file('remove', node='n1', backup='b2')
        with self.backup_under_way():
            said = self.begin(path)
            until = time.monotonic() + 60
            while ('waiting' not in said.get('task', '')
                   and time.monotonic() < until):
                said = self.follow(path)
            self.assertIn('waiting', said['task'])
        while said['state'] == 'running':
            said = self.follow(path)
        self.assertEqual('done', said['state'], said)
        self.whole('b1')

    def test_what_is_incomplete_does_not_wait_for_long(self):
        self.addCleanup(setattr, payload, 'PATIENCE', payload.PATIENCE)
        payload.PATIENCE = 1
        conf = cfg.ConfigOpts()
        opts.load(['--config-file', str(self.site.config)], 'baas', conf)
        path = self.site.job_file('remove', node='n1', backup='b2',
                                  incomplete=True)
        manifest.remove(self.site.storage, 'n1', 'b2')
        with self.backup_under_way():
            with self.assertRaises(restic_cli.ResticError) as caught:
                remove.work(conf, program.Job(program.State('remove', path)))
        self.assertIn('locked', str(caught.exception))

    def begin(self, path):
        return site.said(subprocess.run(
            self.site.command('remove', path, '--detach'),
            capture_output=True, text=True))

    def follow(self, path):
        return site.said(subprocess.run(
            self.site.command('remove', path, '--follow', '--wait', '0.5'),
            capture_output=True, text=True))
