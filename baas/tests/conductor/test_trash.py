# SPDX-License-Identifier: Apache-2.0
"""The trash is emptied by the sweep of any conductor, once."""
import json
import threading

from oslo_config import cfg

from baas.conductor.backup import estimate
from baas.conductor.retention import purge
from baas.conductor import server
from baas.db import backups
from baas.db import jobs
from baas.db.retention import trash
from baas.requests import submit
from baas.storage import base as storage
from baas.tests.conductor import trashing
from baas.tests.conductor.trashing import HOUR
from baas.tests.conductor.trashing import NODES


class EmptyTest(trashing.TrashTest):

    def test_what_was_there_for_its_time_is_gone_and_nothing_else(self):
        id, other, kept = (self.add_set() for _each in range(3))
        self.delete(id)
        self.pass_by(70 * HOUR)
        self.delete(other)
        self.assertEqual([], self.tick())
        self.assertEqual(['trashed'] * 3, self.statuses(id))
        self.pass_by(3 * HOUR)
        (job,) = self.tick()
        self.assertEqual(('purge', 'overcloud'), (job.kind, job.target))
        job = self.run_job(job)
        self.assertEqual('done', job.state, job.error_cause)
        self.assertEqual([], backups.by_set(id))
        self.assertEqual(['trashed'] * 3, self.statuses(other))
        self.assertEqual(['available'] * 3, self.statuses(kept))
        self.assertIn(f'Set {id}: 3 backups leave the trash for good.',
                      self.said(job))
        self.assertEqual([], self.tick())

    def test_nothing_is_removed_before(self):
        id = self.add_set()
        self.delete(id)
        self.assertEqual([], self.tick())
        self.assertEqual([], self.done())

    def test_nothing_is_removed_while_a_set_is_suspicious(self):
        """The last good sets may be in the trash already."""
        id, odd = self.add_set(), self.add_set(
            2, suspicions=['all of it is new'])
        other = self.add_set(nodes=['undercloud-0'], target='undercloud')
        for one in (id, other):
            self.delete(one)
        self.pass_by(73 * HOUR)
        self.assertEqual(['undercloud'], [job.target for job in self.tick()])
        self.delete(odd)
        (job,) = [job for job in self.tick() if job.target == 'overcloud']
        self.assertEqual({row.id for row in backups.by_set(id)},
                         set(job.options['backups']))

    def test_nothing_is_removed_while_that_is_paused(self):
        id = self.add_set()
        self.delete(id)
        self.pass_by(73 * HOUR)
        self.service.conf.config(group='cleanups', purge_paused=True)
        self.assertEqual([], self.tick())
        trash.undelete(backups.by_set(id)[0].id)
        self.service.conf.config(group='cleanups', purge_paused=False)
        self.assertEqual(2, len(self.tick()[0].options['backups']))

    def test_each_node_is_told_of_all_that_goes_of_it_at_once(self):
        self.delete(self.add_set())
        self.delete(self.add_set(2))
        self.pass_by(73 * HOUR)
        (job,) = self.tick()
        wanted = set(job.options['backups'])
        self.run_job(job)
        told = set()
        for node in NODES:
            path = (self.service.folder / 'jobs' / 'first' / job.id
                    / f'delete-{node}.json')
            found = json.loads(path.read_text())
            told |= {found['backup'], *found['others']}
        self.assertEqual(wanted, told)
        self.assertEqual(6, len(told))
        self.assertEqual([], backups.page())

    def test_each_target_has_a_job_and_a_busy_one_keeps_no_other(self):
        id, other = self.add_set(), self.add_set(
            nodes=['undercloud-0'], target='undercloud')
        for one in (id, other):
            self.delete(one)
        busy = submit.backup('overcloud', stopall=False)
        self.pass_by(73 * HOUR)
        self.assertEqual(
            [('backup', 'overcloud'), ('purge', 'undercloud')],
            [(job.kind, job.target) for job in self.tick()])
        submit.cancel(busy.id)
        self.assertEqual({'overcloud', 'undercloud'},
                         {job.target for job in self.tick()})

    def test_conductors_that_tick_together_ask_for_one_job(self):
        id = self.add_set()
        self.delete(id)
        self.pass_by(73 * HOUR)
        gate = threading.Barrier(4)

        def tick():
            gate.wait()
            purge.empty()

        threads = [threading.Thread(target=tick) for _each in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (job,) = jobs.page(filters={'kind': 'purge'})
        self.assertEqual('done', self.run_job(job).state)
        self.assertEqual(sorted(NODES),
                         sorted(entry['node'] for entry in self.done()))

    def test_the_sweep_does_it_and_any_conductor_takes_it_up(self):
        """The one that has asked for the job may be dead by then."""
        id = self.add_set()
        self.delete(id)
        self.pass_by(73 * HOUR)
        (job,) = self.tick()
        conductor = server.Conductor(cfg.CONF, bus=False)
        conductor.start()
        self.addCleanup(conductor.stop)
        self.assertEqual('done', self.wait_for_end(job).state)
        self.assertEqual([], backups.by_set(id))
        other = self.add_set()
        self.delete(other)
        self.pass_by(73 * HOUR)
        until = threading.Event()
        for _each in range(300):
            if not backups.by_set(other):
                break
            until.wait(0.1)
        self.assertEqual([], backups.by_set(other))

    def test_what_was_had_back_between_tick_and_job_stays(self):
        id, other = self.add_set(), self.add_set(2)
        for one in (id, other):
            self.delete(one)
        self.pass_by(73 * HOUR)
        (job,) = self.tick()
        for row in backups.by_set(id):
            trash.undelete(row.id)
        job = self.run_job(job)
        self.assertEqual('done', job.state, job.error_cause)
        self.assertEqual(['available'] * 3, self.statuses(id))
        self.assertEqual([], backups.by_set(other))
        self.assertIn(f'Set {id} stays for now: it has just been changed.',
                      self.said(job))

    def test_the_rest_of_a_set_of_which_one_is_back_goes_later(self):
        id = self.add_set()
        self.delete(id)
        self.pass_by(73 * HOUR)
        (job,) = self.tick()
        trash.undelete(backups.by_set(id)[0].id)
        self.assertEqual('done', self.run_job(job).state)
        self.assertEqual(['available', 'trashed', 'trashed'],
                         self.statuses(id))
        self.assertEqual([], self.tick())
        self.pass_by(2 * HOUR)
        self.run_job(*self.tick())
        self.assertEqual(['available'], self.statuses(id))


class RoomTest(trashing.TrashTest):

    def test_a_check_that_finds_too_little_room_says_what_the_trash_takes(
            self):
        class Place:
            location = 'a place'

            def check(self):
                pass

            def free(self):
                return 1 << 20

        id = self.add_set(stored_bytes=500 << 20)
        with self.assertRaises(storage.StorageError) as caught:
            estimate.check_room(Place(), NODES)
        self.assertNotIn('trash', str(caught.exception))
        self.assertIn('1564 MiB are needed', str(caught.exception))
        self.delete(id)
        with self.assertRaises(storage.StorageError) as caught:
            estimate.check_room(Place(), NODES)
        self.assertIn('1500 MiB of what is taken are in the trash',
                      str(caught.exception))
