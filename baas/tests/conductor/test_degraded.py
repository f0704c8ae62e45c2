# SPDX-License-Identifier: Apache-2.0
"""Sets that are taken without nodes that cannot be reached."""
import json

from baas.conductor import recovery
from baas.conductor import workdir
from baas.db import backups
from baas.db.coverage import coverages
from baas.db import events
from baas.db import jobs
from baas.db.retention import sets
from baas.db import steps
from baas import errors
from baas.requests import restores
from baas.requests import submit
from baas.tests.conductor import base
from baas.tests.conductor import test_take_over

LEFT = ['controller-0', 'controller-1']
OFFER = 'allow_degraded (--allow-degraded)'
SENTENCE = ('The set is taken without controller-2, which cannot be reached: '
            'it is degraded, and counts as no good one.')


def unreachable(why='No route to host', node='controller-2'):
    """Give what ssh says of a node."""
    return {'unreachable': f'ssh: connect to host {node} port 22: {why}'}


def member(**said):
    """Give the check of a member of a cluster that has lost controller-2."""
    return {'result': {
        'time': 0.0, 'galera': {'state': 'Synced', 'size': 2},
        'pacemaker': {'quorum': True, 'online': LEFT,
                      'offline': ['controller-2']},
        'rabbitmq': {'running': ['rabbit@0', 'rabbit@1']}, **said}}


class DegradedTest(base.ConductorTest):

    def setUp(self):
        super().setUp()
        # No other conductor is waiting for the lease to end.
        self.service.conf.config(group='conductor', lease=60)

    def take(self, *, check=None, stopall=True, degraded=True,
             check_only=False, **scenario):
        """Take a set without controller-2, or with other checks; give its
        job."""
        self.scenario({'check': {'*': member(), 'controller-2': unreachable(),
                                 **(check or {})}, **scenario})
        return self.run_job(submit.backup(
            'overcloud', stopall=stopall, allow_degraded=degraded,
            check_only=check_only))

    def told(self, job, step):
        """Give the variables of the playbook of a step."""
        path = workdir.root() / job.id / f'{step}-1' / 'env' / 'extravars'
        return json.loads(path.read_text())

    def asked(self):
        """Name the nodes that were asked to do anything, by step."""
        found = {}
        for entry in self.done():
            found.setdefault(entry['step'], []).append(entry['node'])
        return found

    def warned(self, job):
        return [row.message for row in events.page(job.id, limit=500)
                if row.level == 'warning']

    def assert_refused(self, job, offers):
        self.assertEqual(('error', 'check'), (job.state, job.error_step))
        self.assertLessEqual(set(self.steps_done()), {'check'})
        self.assertEqual(offers, OFFER in job.error_hint)
        for row in backups.by_set(job.id):
            self.assertEqual(('error', None), (row.status,
                                               row.missing_nodes))

    def test_the_others_are_taken_and_name_the_node_that_is_missing(self):
        job = self.take()
        self.assertEqual(('done', None), (job.state, job.error_cause))
        self.assertEqual({('done', 100)}, {
            (row.state, row.percent) for row in steps.by_job(job.id)})
        rows = backups.by_set(job.id)
        self.assertEqual(['available', 'available', 'error'],
                         [row.status for row in rows])
        self.assertEqual([['controller-2']] * 3,
                         [row.missing_nodes for row in rows])
        self.assertEqual([None, None], [row.error for row in rows[:2]])
        self.assertRegex(
            rows[2].error, '^The set was taken without it, as allow_degraded '
            'says: The node cannot be reached over SSH: .*No route to host')
        self.assertIn(SENTENCE, self.warned(job))
        for node in LEFT:
            about = json.loads((workdir.root() / job.id / f'verify-{node}.json'
                                ).read_text())['manifest']
            self.assertEqual(['controller-2'], about['missing_nodes'])

    def test_nothing_is_sent_to_the_missing_node_and_nobody_awaits_it(self):
        # It could be reached again, and would fail in any other step.
        fails = {step: {'controller-2': {'fail': 'It was asked.'}}
                 for step in ('prepare', 'arm', 'snapshot', 'capture',
                              'verify', 'release')}
        fails['capture']['*'] = base.GOOD['capture']['*']
        fails['verify']['*'] = base.GOOD['verify']['*']
        job = self.take(**fails)
        self.assertEqual(('done', None), (job.state, job.error_cause))
        for step, nodes in self.asked().items():
            self.assertEqual(LEFT, sorted(set(nodes)), step)
        barrier = json.loads((workdir.root() / job.id / 'barrier.json')
                             .read_text())
        self.assertEqual(LEFT, sorted(barrier['nodes']))
        release = self.told(job, 'release')
        self.assertEqual(','.join(LEFT), release['baas_nodes'])
        self.assertNotIn('controller-2', json.dumps(release))

    def test_the_database_is_dumped_on_one_of_those_that_are_there(self):
        options = self.told(self.take(), 'prepare')['baas_options']
        self.assertEqual({'controller-0': False, 'controller-1': True}, {
            node: one['prepare']['dump'] for node, one in options.items()})

    def test_the_database_is_dumped_where_the_fewest_clients_are(self):
        def dumps(zero, one):
            options = self.told(self.take(check={
                'controller-0': member(database_clients=zero),
                'controller-1': member(database_clients=one)}),
                'prepare')['baas_options']
            return [node for node, told in options.items()
                    if told['prepare']['dump']]
        self.assertEqual(['controller-1'], dumps(0, 0))
        # A proxy sends all sessions to it.
        self.assertEqual(['controller-0'], dumps(0, 16))
        self.assertEqual(['controller-0'], dumps(3, None))

    def test_such_a_set_is_not_whole_without_its_failed_backup_either(self):
        job = self.take()
        lost = backups.by_set(job.id)[2]
        self.assertTrue(backups.move(lost.id, 'delete'))
        self.assertTrue(backups.delete(lost.id))
        [found] = sets.of_target('overcloud')[0]
        self.assertEqual((job.id, False), (found.id, found.whole))
        with self.assertRaises(errors.Conflict) as caught:
            restores.restore_set(job.id)
        self.assertIn('is degraded', str(caught.exception))

    def test_the_node_is_a_gap_of_the_set_and_warned_of_once(self):
        job = self.take()
        gap = [one for one in coverages.get(job.id)['gaps']
               if one['kind'] == 'node']
        self.assertEqual(['controller-2'], [one['node'] for one in gap])
        self.assertIn('The set was taken without it', gap[0]['text'])
        warned = self.warned(job)
        self.assertEqual(len(set(warned)), len(warned))

    def test_such_a_set_is_not_restored_as_a_set_but_one_by_one(self):
        job = self.take()
        with self.assertRaises(errors.Conflict) as caught:
            restores.restore_set(job.id)
        self.assertEqual(
            f'Set {job.id} is degraded: it was taken without controller-2.',
            str(caught.exception))
        self.assertIn('one by one', caught.exception.hint)
        row = backups.by_set(job.id)[0]
        self.assertEqual('restore-plan', restores.restore(
            row.id, row.node, plan=True).kind)

    def test_without_the_word_it_is_refused_and_the_hint_names_the_word(self):
        self.assert_refused(self.take(degraded=False), offers=True)

    def test_the_word_is_not_offered_where_it_would_not_help(self):
        silent = {f'controller-{number}': unreachable(
            node=f'controller-{number}') for number in range(3)}
        refuses = {'controller-2': unreachable('Connection refused')}
        sick = {'controller-0': {'fail': 'Galera is not Synced.'}}
        lonely = {'controller-0': member(galera=None)}
        for name, check in (('nobody answers', silent),
                            ('it refuses', refuses),
                            ('another is sick', sick),
                            ('its cluster is broken', lonely)):
            with self.subTest(name):
                self.assert_refused(self.take(degraded=False, check=check),
                                    offers=False)

    def test_with_the_word_these_are_refused_all_the_same(self):
        silent = {f'controller-{number}': unreachable(
            node=f'controller-{number}') for number in range(3)}
        denied = {'controller-2': {'unreachable': 'root@controller-2: '
                                   'Permission denied (publickey).'}}
        other = {'controller-2': {'unreachable': 'Host key verification '
                                  'failed.'}}
        sick = {'controller-0': {'fail': 'Galera is not Synced.'}}
        lonely = {'controller-0': member(galera=None)}
        third = {'*': member(pacemaker={
            'quorum': True, 'online': LEFT,
            'offline': ['controller-2', 'controller-3']})}
        at_work = {'*': member(pacemaker={
            'quorum': True, 'online': LEFT + ['controller-2'],
            'offline': []})}
        for name, check in (
                ('nobody answers', silent), ('it denies', denied),
                ('it is another', other), ('another is sick', sick),
                ('the cluster is broken', lonely),
                ('a third member is offline', third),
                ('its cluster has it at work', at_work)):
            with self.subTest(name):
                self.assert_refused(self.take(check=check), offers=False)

    def test_a_check_alone_foresees_it_and_warns(self):
        job = self.take(check_only=True)
        self.assertEqual(('check', 'done', None),
                         (job.kind, job.state, job.error_cause))
        self.assertEqual(SENTENCE, job.forecast['summary'][0])
        self.assertIn(SENTENCE, self.warned(job))
        self.assertIn('controller-2', [
            one['node'] for one in coverages.get(job.id)['gaps']
            if one['kind'] == 'node'])
        self.assertEqual([], backups.by_set(job.id))
        job = self.take(check_only=True, degraded=False)
        self.assertEqual('error', job.state)
        self.assertIn(OFFER, job.error_hint)

    def test_who_takes_it_over_leaves_the_missing_node_alone(self):
        self.scenario({})
        job = submit.backup('overcloud', stopall=True, allow_degraded=True)
        test_take_over.leave_behind(job, 'snapshot')
        self.assertTrue(backups.leave_out(
            job.id, {'controller-2': 'It was away.'},
            epoch=jobs.get(job.id).epoch))
        recovery.take_over(jobs.get(job.id))
        self.assertEqual({'release': LEFT}, {
            step: sorted(nodes) for step, nodes in self.asked().items()})
        self.assertNotIn('quiesced', jobs.get(job.id).error_hint)
        self.assertEqual('It was away.', backups.by_set(job.id)[2].error)

    def test_who_has_lost_the_lease_leaves_nothing_out(self):
        self.scenario({})
        job = submit.backup('overcloud', stopall=True, allow_degraded=True)
        test_take_over.leave_behind(job, 'check')
        self.assertFalse(backups.leave_out(
            job.id, {'controller-2': 'It was away.'},
            epoch=jobs.get(job.id).epoch - 1))
        for row in backups.by_set(job.id):
            self.assertEqual(('creating', None), (row.status,
                                                  row.missing_nodes))

    def test_when_all_answer_the_word_changes_nothing(self):
        self.scenario({})
        job = self.run_job(submit.backup('overcloud', stopall=False,
                                         allow_degraded=True))
        self.assertEqual('done', job.state)
        self.assertEqual({('available', None)}, {
            (row.status, row.missing_nodes)
            for row in backups.by_set(job.id)})
        self.assertNotIn('missing_nodes', [
            name for name, value in json.loads(
                (workdir.root() / job.id / 'verify-controller-0.json')
                .read_text())['manifest'].items() if value])

    def test_a_node_that_fails_later_still_fails_the_job(self):
        job = self.take(capture={'*': {'result': base.CAPTURED},
                                 'controller-1': {'fail': 'Disk full.'}})
        self.assertEqual(('error', 'capture', 'Disk full.'), (
            job.state, job.error_step, job.error_cause))
        self.assertEqual(['available', 'error', 'error'],
                         [row.status for row in backups.by_set(job.id)])
