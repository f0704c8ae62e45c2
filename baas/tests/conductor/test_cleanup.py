# SPDX-License-Identifier: Apache-2.0
"""Clean-ups: what the preview says is what goes."""
import datetime
import json
import uuid

from baas.conductor import recovery
from baas.db import backups
from baas.db.retention import cleanups as policies
from baas.db import events
from baas.db import jobs
from baas.db.retention import sets
from baas.db import steps
from baas.requests import cleanups
from baas.requests import submit
from baas.tests.conductor import base
from baas.tests import fixtures

NODES = ('controller-0', 'controller-1', 'controller-2')
REMOVED = {'delete': {'*': {'verb': 'remove'}}}


class CleanupTest(base.ConductorTest):
    """Has four sets of which two stay; what goes does so at once."""

    def setUp(self):
        super().setUp()
        self.service.conf.config(group='cleanups', delete_delay='0')
        self.policy = fixtures.add_cleanup(keep_last=2)
        self.sets = [self.add_set(day) for day in range(4, 0, -1)]
        self.scenario(REMOVED)

    def add_set(self, day, **columns):
        """Write a set of January; give its id."""
        id = str(uuid.uuid4())
        for node in NODES:
            fixtures.add_backup(**{
                'node': node, 'set_id': id, 'set_size': 3,
                'created_at': datetime.datetime(2026, 1, day), **columns})
        return id

    def left(self):
        """Give the ids of the sets that are there."""
        return {row.set_id for row in backups.page(limit=99)}

    def said(self, job):
        """Give the lines of the log of a job."""
        return [row.message for row in events.page(job.id, limit=99)]

    def kept(self):
        """Give the ids of the sets that stay, as a preview says."""
        return {one.set.id for one in cleanups.decide(
            policies.get(self.policy)) if one.keep}

    def test_what_goes_is_what_the_preview_says(self):
        preview = self.kept()
        self.assertEqual(set(self.sets[:2]), preview)
        job = self.run_job(submit.cleanup(self.policy))
        self.assertEqual('done', job.state, job.error_cause)
        self.assertEqual(preview, self.left())
        said = self.said(job)
        self.assertIn('2 sets stay and 2 go.', said)
        self.assertIn(f'Set {self.sets[3]} of 2026-01-01 00:00 UTC goes: no '
                      'rule keeps it.', said)

    def test_a_second_one_does_nothing(self):
        self.run_job(submit.cleanup(self.policy))
        done = len(self.done())
        job = self.run_job(submit.cleanup(self.policy))
        self.assertEqual('done', job.state, job.error_cause)
        self.assertEqual(done, len(self.done()))
        self.assertEqual(set(self.sets[:2]), self.left())

    def test_a_node_is_told_of_all_that_goes_of_it_at_once(self):
        self.scenario({})
        job = submit.cleanup(self.policy)
        wanted = {row.id for id in self.sets[2:]
                  for row in backups.by_set(id) if row.node == NODES[0]}
        self.run_job(job)
        path = (self.service.folder / 'jobs' / 'first' / job.id
                / f'delete-{NODES[0]}.json')
        told = json.loads(path.read_text())
        self.assertEqual(wanted, {told['backup'], *told['others']})

    def test_nothing_goes_while_a_set_is_suspicious(self):
        odd = self.add_set(5, suspicions=['it has 3 files'])
        job = self.run_job(submit.cleanup(self.policy))
        self.assertEqual('done', job.state, job.error_cause)
        self.assertEqual({odd, *self.sets}, self.left())
        self.assertIn('Nothing is removed while a set is suspicious: '
                      f'{odd}.', self.said(job))
        sets.trust(odd)
        self.run_job(submit.cleanup(self.policy))
        self.assertEqual({odd, self.sets[0]}, self.left())

    def test_a_set_that_is_protected_after_the_request_stays(self):
        job = submit.cleanup(self.policy)
        sets.protect(self.sets[3], True)
        self.run_job(job)
        self.assertEqual({*self.sets[:2], self.sets[3]}, self.left())

    def test_a_node_that_fails_does_not_keep_those_of_others(self):
        self.scenario({'delete': {'*': {'verb': 'remove'}, NODES[1]: {
            'fail': 'No connection.'}}})
        job = self.run_job(submit.cleanup(self.policy))
        self.assertEqual(('error', 'No connection.'),
                         (job.state, job.error_cause))
        for id in self.sets[2:]:
            self.assertEqual([(NODES[1], 'error')], [
                (row.node, row.status) for row in backups.by_set(id)])
        self.scenario(REMOVED)
        job = self.run_job(submit.cleanup(self.policy))
        self.assertEqual('done', job.state, job.error_cause)
        self.assertEqual(set(self.sets[:2]), self.left())

    def test_a_node_that_nobody_cleans_up_is_not_forgotten(self):
        self.scenario({})
        job = self.run_job(submit.cleanup(self.policy))
        self.assertEqual('error', job.state)
        self.assertIn('controller-1', job.error_cause)
        self.assertEqual(set(self.sets), self.left())

    def test_one_whose_conductor_died_is_gone_on_with_by_the_next(self):
        job = submit.cleanup(self.policy)
        claimed = jobs.claim(job.id, 'dead', 6)
        steps.move(steps.by_job(job.id)[0].id, 'start')
        for row in sets.condemn(self.sets[3], job=job.id,
                                epoch=claimed.epoch)[:1]:
            backups.delete(row.id, epoch=claimed.epoch, job=job.id)
        recovery.take_over(jobs.get(job.id))
        self.assertEqual('error', jobs.get(job.id).state)
        self.assertEqual(['error', 'error'], [
            row.status for row in backups.by_set(self.sets[3])])
        job = self.run_job(submit.cleanup(self.policy))
        self.assertEqual('done', job.state, job.error_cause)
        self.assertEqual(set(self.sets[:2]), self.left())

    def test_one_that_has_begun_is_not_cancelled(self):
        job = submit.cleanup(self.policy)
        jobs.claim(job.id, 'first', 6)
        with self.assertRaisesRegex(Exception, 'cannot be cancelled'):
            submit.cancel(job.id)


class SuspicionTest(base.ConductorTest):

    def captured(self, **figures):
        """Have a set taken whose backups have these figures; give it."""
        self.scenario({'capture': {'*': {'result': {
            **base.CAPTURED, 'size_bytes': 1000, 'files': 7,
            'stored_bytes': 10, 'added_bytes': 20, **figures}}}})
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual('done', job.state, job.error_cause)
        return backups.by_set(job.id)

    def test_a_set_is_marked_whose_figures_are_far_from_those_before(self):
        for _night in range(4):
            self.assertEqual([None] * 3, [
                row.suspicions for row in self.captured()])
        odd = self.captured(stored_bytes=1000, added_bytes=1000)
        self.assertIn('100% of its data is new', odd[0].suspicions[0])
        self.assertEqual('available', odd[0].status)
        self.assertEqual(3, odd[0].set_size)
        # Neither does it make the next ones usual, before it is trusted.
        self.assertTrue(self.captured(stored_bytes=1000, added_bytes=1000)[0]
                        .suspicions)
