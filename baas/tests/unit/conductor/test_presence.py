# SPDX-License-Identifier: Apache-2.0
"""One conductor of a name, whoever else is started."""
import contextlib
import errno
import fcntl
import os
import pathlib
import tempfile
import threading

from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor import lock
from baas.conductor import presence
from baas.db import conductors
from baas.db import models
from baas.db import session
from baas.tests.unit.db import database
from baas.tests.unit.storage import places


class PresenceTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        for name, value in (('host', 'one'), ('lease', 6)):
            cfg.CONF.set_override(name, value, 'conductor')
            self.addCleanup(cfg.CONF.clear_override, name, 'conductor')
        self.first = self.presence()

    def presence(self, elsewhere=False):
        """Make one, of this state folder or of that of another machine."""
        conf = cfg.CONF
        if elsewhere:
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            conf = Elsewhere(folder.name)
        made = presence.Presence(conf)
        self.addCleanup(made._lock.release)
        return made

    def refusal(self, one):
        with self.assertRaises(lock.AtWork) as caught:
            one.take()
        return str(caught.exception)

    def let_pass(self, seconds):
        """Let the last heartbeat have been so long ago."""
        with session.writer() as connection:
            connection.execute(sa.update(models.Conductor.__table__).values(
                seen_at=session.utcnow(-seconds)))

    def die(self, one):
        """Do to its lock what the kernel does to that of a dead process."""
        one._lock.release()

    def test_a_second_one_of_the_same_state_is_told_who_is_there(self):
        self.first.take()
        said = self.refusal(self.presence())
        self.assertIn('Conductor one is at work already', said)
        self.assertIn(f'process {os.getpid()} on {os.uname().nodename}, '
                      'since 20', said)
        # Not even when it has been silent, for it can still wake up.
        self.let_pass(3600)
        self.refusal(self.presence())

    def test_a_second_one_of_another_name_may_not_share_the_state(self):
        self.first.take()
        cfg.CONF.set_override('host', 'two', 'conductor')
        second = self.presence()
        said = self.refusal(second)
        self.assertIn('Conductor one is at work already', said)
        self.die(self.first)
        # It holds nothing that would be in the way of others.
        cfg.CONF.set_override('host', 'one', 'conductor')
        self.presence().take()

    def test_a_second_one_of_another_state_is_refused_at_a_heartbeat(self):
        self.first.take()
        ended = threading.Event()

        def beat():
            while not ended.wait(0.5):
                self.first.beat()
        heart = threading.Thread(target=beat)
        heart.start()
        try:
            said = self.refusal(self.presence(elsewhere=True))
        finally:
            ended.set()
            heart.join()
        self.assertIn(f'process {os.getpid()} on', said)
        self.assertTrue(self.first.beat())

    def test_who_died_is_followed_at_once_on_its_own_machine(self):
        self.first.take()
        self.die(self.first)
        second = self.presence()
        second.take()
        self.assertTrue(second.was_dead)
        self.assertFalse(self.first.beat())

    def test_who_died_before_it_could_register_changes_nothing_of_that(self):
        self.first.take()
        self.die(self.first)
        second = self.presence()
        second.lock()
        self.die(second)
        third = self.presence()
        third.take()
        self.assertTrue(third.was_dead)

    def test_who_is_silent_for_a_lease_is_replaced_from_elsewhere(self):
        self.first.take()
        self.let_pass(7)
        second = self.presence(elsewhere=True)
        second.take()
        self.assertFalse(second.was_dead)
        self.assertFalse(self.first.beat())

    def test_a_clock_that_was_set_back_keeps_nobody_away_for_ever(self):
        self.first.take()
        self.let_pass(-3600)
        second = self.presence(elsewhere=True)
        second.take()
        self.assertFalse(second.was_dead)

    def test_who_has_signed_off_leaves_its_name_to_anybody(self):
        self.first.take()
        self.first.leave()
        second = self.presence(elsewhere=True)
        second.take()
        self.assertTrue(second.was_dead)

    def test_a_database_that_was_restored_is_told_again(self):
        self.first.take()
        with session.writer() as connection:
            connection.execute(sa.delete(models.Conductor.__table__))
        self.assertTrue(self.first.beat())
        self.assertEqual([os.getpid()],
                         [row.pid for row in conductors.alive(6)])

    def test_a_state_folder_that_is_full_is_to_get_room(self):
        for number, hint in ((errno.ENOSPC, 'Make room there.'),
                             (errno.EACCES, 'Set [DEFAULT] state_path to a '
                              'folder that the user of the service can write '
                              'to.')):
            said = self.first._lock._unusable(
                OSError(number, os.strerror(number), '/x/state.lock'))
            self.assertIn(f'/x/state.lock: {os.strerror(number)}', str(said))
            self.assertEqual(hint, said.hint)

    def test_a_state_folder_that_cannot_be_made_is_named(self):
        cfg.CONF.set_override('state_path', '/dev/null/baas')
        self.addCleanup(cfg.CONF.clear_override, 'state_path')
        with self.assertRaises(lock.StateError) as caught:
            self.presence().lock()
        self.assertIn('/dev/null/baas cannot be used',
                      str(caught.exception))

    def test_a_full_disk_is_named(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        with places.small(folder.name):
            with (contextlib.suppress(OSError),
                  open(f'{folder.name}/full', 'wb', 0) as file):
                while True:
                    file.write(bytes(4096))
            made = presence.Presence(Elsewhere(folder.name))
            with self.assertRaises(lock.StateError) as caught:
                made.lock()
        self.assertIn(f'{folder.name} cannot be used', str(caught.exception))
        self.assertIn('No space left', str(caught.exception))

    def test_who_holds_the_lock_and_has_not_said_who_it_is_counts(self):
        path = self.presence()._lock.path
        path.parent.mkdir(exist_ok=True)
        with open(path, 'w') as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertRegex(self.refusal(self.presence()),
                             r'^Conductor one is at work already\.$')


class Elsewhere:
    """The configuration of another machine: a state folder of its own."""

    def __init__(self, folder):
        self.state_path = pathlib.Path(folder)

    def __getattr__(self, name):
        return getattr(cfg.CONF, name)
