# SPDX-License-Identifier: Apache-2.0
"""Verification: what it remembers, and what it says of backups."""
import json
import threading

from baas.conductor import recovery
from baas.conductor import supervisor
from baas.conductor import workdir
from baas.db import backups
from baas.db import events
from baas.db import jobs
from baas.db.retention import sets
from baas.db import session
from baas.db.verification import memory
from baas import errors
from baas.requests import restores
from baas.requests import submit
from baas.requests import verifications
from baas.tests.conductor import base
from baas.tests import fixtures

NODE = 'controller-0'
DAMAGE = {'object': f'{NODE}/restic/data/ab/ab', 'what': 'is gone',
          'files': ['/etc/hosts']}


class VerifyingTest(base.ConductorTest):
    """Has one backup, and a program that finds what it is to find."""

    def setUp(self):
        super().setUp()
        self.one = fixtures.add_backup(node=NODE)
        self.says({})

    def says(self, damages, age=5.0, **more):
        """Have the program find these damages, by ids of backups."""
        self.scenario({'read': {NODE: {'verb': 'scrub', 'result': {
            'node': NODE, 'read_files': 3, 'read_bytes': 70, 'unneeded': [],
            'backups': {id: {'damages': damages.get(id, []),
                             'damages_total': len(damages.get(id, [])),
                             'age_seconds': None if id in damages else age}
                        for id in {self.one, *damages}}, **more}}}})

    def verify(self, **given):
        """Verify the backup; give the row of the job."""
        return self.run_job(verifications.verify(self.one, **given))

    def log(self, job):
        """Give the lines of the log of a job."""
        return [row.message for row in events.page(job.id, limit=99)]

    def told(self, job):
        """Give what the program was told to read."""
        path = workdir.root() / job.id / f'read-{NODE}.json'
        return json.loads(path.read_text())


class VerificationTest(VerifyingTest):

    def test_what_is_well_is_verified_since_the_first_of_it_was_read(self):
        self.says({}, age=3600.0)
        job = self.verify()
        self.assertEqual(('done', None), (job.state, job.error_cause))
        row = backups.get(self.one)
        with session.reader() as connection:
            age = session.now(connection) - row.verified_at
        self.assertAlmostEqual(3600, age.total_seconds(), delta=300)
        self.assertEqual({NODE: {'read_files': 3, 'read_bytes': 70,
                                 'unneeded': []}}, job.result)
        self.assertEqual(['check', 'read', 'release'], self.steps_done())

    def test_what_was_never_read_as_a_whole_is_not_verified(self):
        self.says({}, age=None)
        self.assertEqual('done', self.verify(share=0.1).state)
        self.assertIsNone(backups.get(self.one).verified_at)

    def test_a_damaged_backup_is_named_and_is_in_error(self):
        other = fixtures.add_backup(node=NODE)
        self.says({self.one: [DAMAGE]})
        job = self.verify()
        self.assertEqual(('error', NODE, 'read'),
                         (job.state, job.error_node, job.error_step))
        for word in (self.one, DAMAGE['object'], '/etc/hosts', 'is gone'):
            self.assertIn(word, job.error_cause)
        row = backups.get(self.one)
        self.assertEqual(('error', [{'node': NODE, **DAMAGE}], None),
                         (row.status, row.damages, row.verified_at))
        self.assertIn(DAMAGE['object'], row.error)
        self.assertEqual('available', backups.get(other).status)

    def test_a_damaged_backup_is_not_restored_and_counts_as_good_nowhere(
            self):
        self.says({self.one: [DAMAGE]})
        self.verify()
        with self.assertRaisesRegex(errors.Conflict, 'is damaged'):
            restores.restore(self.one, NODE)
        [one], _now = sets.of_target('overcloud')
        self.assertFalse(one.whole)
        self.assertEqual({}, backups.failed_since_last(NODE, 'another'))

    def test_one_that_is_well_again_restores_again(self):
        self.says({self.one: [DAMAGE]})
        self.verify()
        self.says({})
        job = self.verify()
        self.assertEqual('done', job.state, job.error_cause)
        row = backups.get(self.one)
        self.assertEqual(('available', None, None),
                         (row.status, row.damages, row.error))
        self.assertIsNotNone(row.verified_at)
        self.assertIn(f'Backup {self.one} is whole again.', self.log(job))

    def test_one_that_never_became_whole_does_not_become_so(self):
        failed = fixtures.add_backup(node=NODE, status='error')
        self.says({failed: []})
        self.assertEqual('done', self.verify().state)
        self.assertEqual('error', backups.get(failed).status)
        with self.assertRaisesRegex(errors.Conflict, 'nothing to verify'):
            verifications.verify(failed)

    def test_a_damaged_one_that_was_deleted_half_is_never_well_again(self):
        self.says({self.one: [DAMAGE]})
        self.verify()
        self.scenario({'delete': {NODE: {'fail': 'It cannot be removed.'}}})
        self.assertEqual('error', self.run_job(submit.delete(self.one)).state)
        other = fixtures.add_backup(node=NODE)
        with self.assertRaises(errors.Conflict):
            self.verify()
        self.says({self.one: [], other: []})
        self.run_job(verifications.verify(other))
        self.assertEqual(('error', None), (
            backups.get(self.one).status, backups.get(self.one).damages))

    def test_what_the_program_reads_is_remembered_as_it_reads(self):
        job = verifications.verify(self.one)
        folder = workdir.Workdir(job.id).path
        lines = [{'name': f'{NODE}/restic/data/a', 'size': 5, 'fault': None},
                 {'name': f'{NODE}/restic/data/b', 'size': 6,
                  'fault': 'is gone'}]
        (folder / f'read-{NODE}.log').write_text(''.join(
            json.dumps(line) + '\n' for line in lines) + '{"name": "hal')
        self.scenario({'read': {NODE: {'fail': 'The storage is away.'}}})
        job = self.run_job(job)
        self.assertEqual(('error', NODE, 'read', 'The storage is away.'), (
            job.state, job.error_node, job.error_step, job.error_cause))
        self.assertEqual({line['name'] for line in lines},
                         set(memory.ages(NODE)))
        self.assertEqual([lines[1]['name']], memory.faulty(NODE))
        self.assertEqual('available', backups.get(self.one).status)
        # The next one goes on where it stopped.
        self.says({})
        job = self.verify()
        told = self.told(job)
        self.assertEqual([lines[1]['name']], told['faulty'])
        self.assertLess(0, told['since'])
        # And the one after that begins anew.
        self.assertIsNone(self.told(self.verify())['since'])

    def test_what_is_not_stored_any_more_is_forgotten(self):
        memory.remember(NODE, {'a': (1, None), 'b': (1, None)})
        job = verifications.verify(self.one)
        folder = workdir.Workdir(job.id).path
        (folder / f'read-{NODE}.log').write_text('{"gone": "a"}\n')
        self.run_job(job)
        self.assertEqual({'b'}, set(memory.ages(NODE)))

    def test_a_node_that_the_inventory_has_not_any_more_is_told(self):
        self.scenario({'read': {NODE: {'verb': 'nothing'}}})
        job = self.verify()
        self.assertEqual('error', job.state)
        self.assertIn(f'What is stored of {NODE} was not read',
                      job.error_cause)

    def test_one_whose_conductor_died_is_gone_on_with_by_the_next(self):
        job = verifications.verify(self.one)
        claimed = jobs.claim(job.id, 'dead', 6)
        memory.remember(NODE, {'a': (1, None)})
        recovery.take_over(jobs.get(claimed.id))
        self.assertEqual('error', jobs.get(job.id).state)
        self.assertEqual('available', backups.get(self.one).status)
        self.assertLess(0, self.told(self.verify())['since'])


class GivingWayTest(VerifyingTest):

    def test_a_delete_ends_a_verification_and_waits_for_that(self):
        other = fixtures.add_backup(node=NODE)
        self.scenario({'read': {NODE: {'sleep': 100}},
                       'delete': {'*': {'verb': 'remove'}}})
        reading = verifications.verify(self.one)
        thread = threading.Thread(target=supervisor.run,
                                  args=(reading.id, self.stopping))
        thread.start()
        self.addCleanup(thread.join)
        self.wait_for('read')
        deleting = self.run_job(submit.delete(other))
        self.assertEqual('done', deleting.state, deleting.error_cause)
        self.assertEqual('cancelled', jobs.get(reading.id).state)
        steps = [entry['step'] for entry in self.done()]
        self.assertLess(steps.index('release'), steps.index('delete'))
        self.assertTrue(any(f'gives way to job {deleting.id}' in line
                            for line in self.log(reading)))

    def test_nothing_is_verified_while_something_is_deleted(self):
        other = fixtures.add_backup(node=NODE)
        queued = verifications.verify(self.one)
        deleting = submit.delete(other)
        with self.assertRaises(errors.TargetBusy):
            verifications.verify(self.one)
        # One that was asked for before looks again when it begins.
        job = self.run_job(queued)
        self.assertEqual('error', job.state)
        self.assertIn(deleting.id, job.error_cause)

    def test_a_backup_is_taken_meanwhile(self):
        verifications.verify(self.one)
        job = self.run_job(submit.backup('overcloud', stopall=False))
        self.assertEqual('done', job.state, job.error_cause)
