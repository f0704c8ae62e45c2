# SPDX-License-Identifier: Apache-2.0
"""What the steps of a backup refuse, and what none of them is held up by."""
import os
import signal
import time

from baas.node import background
from baas.node.backup import capture
from baas.node.backup import precopy
from baas.node.backup import release
from baas.node import errors
from baas.node.filelist import walk
from baas.node import journal
from baas.node import paths
from baas.tests.unit.node import base
from baas.tests.unit.node.backup import test_check
from baas.tests.unit.node import standins

# A restic that has some snapshots, and rewrites none.
RESTIC = '''#!/bin/sh
case "$*" in
*snapshots*) echo '%s' ;;
*) echo "Fatal: the repository is read-only" >&2; exit 1 ;;
esac
'''


class CaptureTest(base.NodeTest):

    def test_a_node_that_the_dead_man_has_resumed_is_not_read(self):
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.fired()
        with self.assertRaisesRegex(errors.NodeError, 'dead-man resumed'):
            capture._ready(self.asked('capture'))


class ThinTest(base.NodeTest):

    def thin(self, snapshots):
        """Have what has changed taken out of some snapshots."""
        os.chmod(self.write('state/bin/restic', RESTIC % snapshots), 0o755)
        self.write('tree/changed')
        paths.make(paths.work(base.JOB))
        return precopy._thin(
            self.asked('precopy', backup='b-1', repository='/r'),
            os.fsencode(self.path('tree')), walk.pattern([]), 0)

    def test_a_precopy_that_cannot_be_thinned_is_not_gone_on_with(self):
        with self.assertRaisesRegex(errors.NodeError, 'thin the precopy.*'
                                    'read-only'):
            self.thin('[{"id": "one"}]')
        with open(paths.work(base.JOB, 'excludes')) as handle:
            self.assertEqual('/changed\n', handle.read())

    def test_a_precopy_that_is_not_stored_is_an_error(self):
        for said in ('[]', 'null'):
            with self.assertRaisesRegex(errors.NodeError, 'is not stored'):
                self.thin(said)


class ReleaseTest(base.NodeTest):

    def begun(self, **more):
        """Give options of a job that has begun to store an archive."""
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.storing('n/tar/b/archive', 'n/tar/b/.part')
        return {'payload': 'tar', 'store': {
            'kind': 'folder', 'path': self.path('storage')}, **more}

    def released(self, **options):
        """Release the job; give what it tells."""
        status, said = self.call('release', '--epoch', '1', **options)
        self.assertEqual((0, 'done'), (status, said['state']), said)
        self.assertFalse(journal.is_open(journal.load()))
        return said['result']

    def test_it_ends_the_verbs_that_are_still_at_work(self):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGCHLD, signal.SIG_DFL)
        background.detach(self.asked('capture'), lambda _: time.sleep(60))
        self.write('run/%s/other.json' % base.JOB, '{"state": "done"}')
        self.assertEqual(['capture'], release._stop_workers(base.JOB))
        self.assertEqual([], release._stop_workers(base.JOB))

    def test_what_is_not_whole_is_removed_from_the_storage(self):
        options = self.begun()
        part = self.write('storage/n/tar/b/.part')
        self.assertEqual(1, self.released(**options)['forgotten'])
        self.assertFalse(os.path.exists(part))

    def test_a_storage_that_is_gone_keeps_no_node_from_being_released(self):
        self.assertEqual(0, self.released(**self.begun())['forgotten'])

    @base.needs_root
    def test_nor_does_a_share_that_cannot_be_mounted(self):
        standins.scripts(self, mount='exit 32')
        found = self.released(**self.begun(share={
            'host': 'h', 'export': '/e', 'options': 'soft'}))
        self.assertEqual((False, 0), (found['unlocked'], found['forgotten']))

    @base.needs_root
    def test_a_share_is_mounted_once_for_all_that_it_clears(self):
        standins.scripts(self, mount='echo >> %s\n%s' % (
            self.path('mounted'), test_check.TMPFS % ''))
        self.released(**self.begun(share={
            'host': 'h', 'export': '/e', 'options': 'soft'},
            store={'kind': 'folder', 'path': '{share}'}))
        with open(self.path('mounted')) as handle:
            self.assertEqual('\n', handle.read())
