# SPDX-License-Identifier: Apache-2.0
"""What every driver of snapshots promises, on disks of its own.

A class of tests takes :class:`SnapshotContract` first and a
:class:`baas.tests.unit.node.base.NodeTest` second, and mounts two file
systems: paths.TOP and ``srv`` in it."""
import os
import signal
import subprocess
import time

from baas.node import background
from baas.node.disks import filesystems
from baas.node import journal
from baas.node import paths
from baas.node.snapshots import orphans
from baas.node.snapshots import snapshot
from baas.node.system import atomic_file
from baas.tests.unit import cheap_key
from baas.tests.unit.node import base
from baas.tests.unit.node import loopdisks


class SnapshotContract:
    """The tests; what differs between drivers is below them.

    :cvar driver: name of the driver.
    :cvar scarce: options of a check that find too little room.
    """

    driver = None
    scarce = {'reserve_percent': 100}

    def setUp(self):
        super().setUp()
        self.make_disks()
        os.makedirs(paths.state('bin'))
        os.symlink(loopdisks.RESTIC, paths.state('bin', 'restic'))
        os.makedirs(paths.work(base.JOB))
        atomic_file.write(paths.work(base.JOB, 'password'), 'secret\n')
        cheap_key.repository(self.path('repository'), 'secret')
        self.capture = {'repository': self.path('repository'),
                        'restic_args': [], 'backup': 'b-1', 'host': 'node-0',
                        'excludes': []}
        for name in ('one', 'srv/two', 'srv/gone'):
            self.put(name, name * 1000)
        self.before = self.everything()

    def put(self, name, text):
        """Write a file of the node."""
        with open(os.path.join(paths.TOP, name), 'w') as handle:
            handle.write(text)

    def read(self, name):
        """Give what a file of the node holds."""
        with open(os.path.join(paths.TOP, name)) as handle:
            return handle.read()

    def do(self, verb, epoch=1, **options):
        """Do a verb that must end well; give its result."""
        status, said = self.call(verb, '--epoch', str(epoch), **options)
        self.assertEqual((0, 'done'), (status, said['state']), said)
        return said['result']

    def take(self, epoch=1):
        """Take the snapshots; give the journal."""
        journal.begin(base.JOB, epoch, 'backup')
        self.do('snapshot', epoch, capture=self.capture)
        return journal.load()

    def release(self, epoch=1):
        """Release the job, and see that only what was there before is."""
        dropped = self.do('release', epoch)['dropped']
        self.assertEqual(self.before, self.everything())
        return dropped

    def test_what_is_stored_is_of_the_moment(self):
        self.do('prepare', **self.capture)
        taken = self.take()
        self.assertEqual(
            [(self.driver, paths.TOP),
             (self.driver, os.path.join(paths.TOP, 'srv'))],
            [(one['driver'], one['mountpoint'])
             for one in taken['snapshots']])
        self.put('one', 'changed')
        self.put('srv/two', 'changed')
        self.put('srv/later', 'new')
        os.unlink(os.path.join(paths.TOP, 'srv', 'gone'))
        stored = self.do('capture', **self.capture)
        self.assertEqual([self.driver] * 2, [
            one['snapshot'] for one in stored['layout']['filesystems']])
        subprocess.run(
            [loopdisks.RESTIC, '-r', self.capture['repository'], '--no-cache',
             'restore', stored['snapshot'], '--target', self.path('back')],
            check=True, stdout=subprocess.DEVNULL,
            env=dict(os.environ, RESTIC_PASSWORD='secret'))
        for name in ('one', 'srv/two', 'srv/gone'):
            with open(self.path('back', name)) as handle:
                self.assertEqual(name * 1000, handle.read())
        self.assertFalse(os.path.exists(self.path('back', 'srv', 'later')))
        self.assertEqual('changed', self.read('srv/two'))
        self.assertEqual(2, len(self.release()))

    def die(self, count):
        """Begin the barrier and die when some snapshots are taken."""
        journal.begin(base.JOB, 1, 'backup')
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            return
        try:
            planned = snapshot.plan(
                self.asked('snapshot', capture=self.capture),
                filesystems.captured())
            for driver, ones in planned:
                driver.take(ones[:count])
        finally:
            os.kill(os.getpid(), signal.SIGKILL)

    def test_a_job_that_died_before_its_first_snapshot_leaves_nothing(self):
        self.die(0)
        self.assertEqual(2, len(journal.load()['snapshots']))
        self.assertEqual([], self.release(2))

    def test_a_job_that_died_between_snapshots_goes_on_or_is_released(self):
        self.die(1)
        self.assertNotEqual(self.before, self.everything())
        self.assertEqual(2, len(self.take(2)['snapshots']))
        self.assertEqual(2, len(self.release(2)))

    def test_what_a_dead_job_left_is_gone_after_its_release(self):
        self.die(2)
        self.assertNotEqual(self.before, self.everything())
        self.assertEqual(2, len(self.release(2)))
        self.assertEqual([], self.release(2))

    def test_a_full_snapshot_fails_the_backup_and_not_the_node(self):
        with open(os.path.join(paths.TOP, 'large'), 'wb') as handle:
            handle.write(os.urandom(12 << 20))
        self.do('prepare', **self.capture)
        self.take()
        slow = dict(self.capture, restic_args=['--limit-upload', '200'])
        self.call('capture', '--epoch', '1', '--detach', **slow)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            said = atomic_file.read_json(background.path(base.JOB, 'capture'))
            if said['task'] == 'reading files':
                break
            time.sleep(0.1)
        self.fill()
        status, said = self.call('follow', 'capture', '--epoch', '1',
                                 '--wait', '60')
        self.assertEqual((1, 'error'), (status, said['state']), said)
        self.assertRegex(said['error']['cause'], self.says_full)
        self.assertEqual(self.before, self.everything())
        self.put('one', 'still writable')
        self.release()

    def test_after_a_reboot_the_dead_man_drops_what_nobody_can_read(self):
        self.take()
        self.assertIsNone(orphans.drop())
        self.write_journal(**dict(journal.load(), boot_id='another'))
        self.reboot()
        self.assertIn('rebooted', orphans.drop())
        self.assertEqual(self.before, self.everything())
        status, said = self.call('capture', '--epoch', '1', **self.capture)
        self.assertEqual(1, status)
        self.release()

    def test_nothing_of_others_is_removed(self):
        self.add_others()
        self.before = self.everything()
        self.take()
        self.release()

    def test_too_little_room_is_named_beforehand(self):
        self.assertEqual([], snapshot.problems({'stopall': False}))
        problem, *_ = [one for one in snapshot.problems(self.scarce)
                       if '%s,' % paths.TOP in one['cause']
                       or '%s ' % paths.TOP in one['cause']]
        self.assertRegex(problem['cause'], self.says_scarce)

    # What a driver's class of tests has to tell:

    says_full = 'have to stay free'
    says_scarce = 'have to stay free'

    def make_disks(self):
        """Mount two file systems, and set paths.TOP."""
        raise NotImplementedError

    def everything(self):
        """Give all snapshots of the machine, whosever they are (list)."""
        raise NotImplementedError

    def fill(self):
        """Write until snapshots have no more room."""
        raise NotImplementedError

    def add_others(self):
        """Make snapshots like those of jobs that are not of this job."""
        raise NotImplementedError

    def reboot(self):
        """Do to the disks what a reboot does."""
