# SPDX-License-Identifier: Apache-2.0
"""The plan of a restore, with a real storage; what the nodes say is told by a
scenario."""
import json
import pathlib

from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor import workdir
from baas.db import events
from baas.db import models
from baas.db import session
from baas.db import steps
from baas.requests import restores
from baas import keys
from baas.storage import driver as storage
from baas.storage import manifest
from baas.tests.conductor import base
from baas.tests.conductor import restoring


class TestPlan(restoring.PlanTest):

    def test_one_step_runs_and_nothing_after_it(self):
        job = self.plan()
        self.assertEqual(('restore-plan', 'done', None),
                         (job.kind, job.state, job.error_cause))
        self.assertEqual(['plan'], self.steps_done())
        self.assertEqual(['plan'], [row.name for row in steps.by_job(job.id)])
        self.assertIsNone(job.holds)

    def test_it_tells_which_backup_how_it_boots_and_what_is_written(self):
        found = self.plan().plan['machines'][0]
        self.assertEqual(
            ('controller-0', self.ids['controller-0'], 10 ** 9, 'ssh',
             'uefi'),
            tuple(found[name] for name in (
                'node', 'backup_id', 'size_bytes', 'boot_method',
                'boot_mode')))
        self.assertGreater(found['age_seconds'], 0)
        self.assertEqual(
            [('/', '/dev/sda3', None), ('/boot', '/dev/sda2', None)],
            [(disk['mountpoint'], disk['source_device'], disk['target_device'])
             for disk in found['disks']])

    def test_it_tells_what_is_booted_if_anything_is(self):
        for files, says in (([], ''), (None, ''), (['iso'], 'ISO'),
                            (['kernel', 'initrd'], 'kernel and initrd')):
            with self.subTest(files=files):
                job = self.plan(**{'*': {'verb': 'precheck',
                                         'result': {'files': files}}})
                self.assertEqual(('done', None), (job.state, job.error_cause))
                boot = job.plan['machines'][0]['boot']
                self.assertTrue(boot.endswith(says), boot)

    def test_where_the_disk_was_seen_it_tells_where_things_are_written(self):
        job = self.plan(**{'*': {'verb': 'check_disk', 'result': {'free': 5}}})
        self.assertEqual(
            ['/mnt/local', '/mnt/local/boot'],
            [disk['target_device']
             for disk in job.plan['machines'][0]['disks']])

    def test_where_it_was_inspected_it_tells_onto_which_disks(self):
        present = {'name': '/dev/vdx', 'size': 60 << 30, 'sector': None,
                   'wwn': '', 'serial': '', 'path': '', 'drivers': [],
                   'partitions': [], 'marks': [], 'blank': True,
                   'removable': False, 'read_only': False, 'used': ''}
        for size, onto, says in (
                (60, '/dev/vdx', 'controller-0: /dev/sda becomes /dev/vdx'),
                (9, None, 'controller-0: There is no disk for /dev/sda')):
            with self.subTest(size=size):
                job = self.plan(**{'*': {'verb': 'precheck', 'result': {
                    'files': [], 'disks': [
                        {**present, 'size': size << 30}]}}})
                self.assertEqual(('done', None), (job.state, job.error_cause))
                self.assertEqual(
                    {'/': onto, '/boot': onto},
                    {disk['mountpoint']: disk['target_device']
                     for disk in job.plan['machines'][0]['disks']})
                said = ' '.join(job.plan['summary'])
                self.assertIn(says, said)
                self.assertIn('the last inspection of controller-0', said)

    def test_where_it_was_inspected_it_tells_which_cards_are_replaced(self):
        job = self.plan(**{'*': {'verb': 'precheck', 'result': {
            'files': [], 'disks': [], 'cards': [
                {'name': 'eth0', 'mac': '52:54:00:00:00:0b',
                 'slot': '0000:00:03.0'}]}}})
        self.assertIn('controller-0: Network card eno1, 52:54:00:00:00:0a, '
                      'becomes 52:54:00:00:00:0b, in the same slot.',
                      job.plan['summary'])

    def test_what_fails_now_is_in_it_and_fails_the_job(self):
        job = self.plan(**{'controller-0': {'fail': 'It is not empty.'}})
        self.assertEqual(('error', 'It is not empty.'),
                         (job.state, job.error_cause))
        self.assertEqual(
            [{'node': 'controller-0', 'cause': 'It is not empty.',
              'hint': 'Do better.'}], job.plan['problems'])

    def test_a_manifest_that_is_not_there_is_what_fails(self):
        key = keys.load(cfg.CONF.payload.key_file)
        manifest.remove(storage.load(cfg.CONF, key.cloud), 'controller-0',
                        self.ids['controller-0'])
        job = self.plan()
        self.assertEqual(('error', 'plan'), (job.state, job.error_step))
        found = job.plan
        self.assertIsNone(found['machines'][0]['disks'])
        self.assertEqual([job.error_cause],
                         [one['cause'] for one in found['problems']])
        self.assertEqual([], self.done())

    @base.with_ansible
    def test_a_restore_has_the_same_plan_and_says_it_before_it_begins(self):
        self.scenario({'rescue': {'*': {'fail': 'No power.'}}})
        job = self.run_job(restores.restore(self.ids['controller-0'],
                                            'controller-0'))
        self.assertEqual('rescue', job.error_step)
        self.assertEqual(job.plan, {**self.plan().plan, 'machines': job.plan[
            'machines']})
        said = [row.message for row in events.page(job.id, limit=1000)]
        for sentence in job.plan['summary']:
            self.assertIn(sentence, said)

    def test_a_whole_set_is_planned_for_all_of_its_nodes(self):
        self.scenario({'plan': {'*': {}}})
        job = self.run_job(restores.restore_set(self.set_id, plan=True))
        self.assertEqual(('restore-set-plan', 'done'), (job.kind, job.state))
        self.assertEqual(list(restoring.NODES), [
            one['node'] for one in job.plan['machines']])
        self.assertEqual(['plan'], self.steps_done())


class TestForecast(restoring.PlanTest):

    def test_it_goes_by_an_earlier_restore_of_the_node(self):
        self.restored('controller-1', whole=9)
        id = self.restored('controller-0', whole=100, recover=60)
        found = self.plan().plan
        self.assertEqual((id, 100.0), (found['restore_id'],
                                       found['duration_seconds']))

    def test_else_by_one_of_the_target_and_the_bytes(self):
        with session.writer() as connection:
            connection.execute(sa.update(models.Backup).where(
                models.Backup.id == self.ids['controller-1'])
                .values(size_bytes=5 * 10 ** 8))
        id = self.restored('controller-1', whole=100, recover=60)
        found = self.plan().plan
        self.assertEqual((id, 160.0), (found['restore_id'],
                                       found['duration_seconds']))

    def test_else_it_is_not_known(self):
        found = self.plan().plan
        self.assertIsNone(found['duration_seconds'])
        self.assertIn('How long the restore will take is not known.',
                      found['summary'])


def member():
    """Make what a member of a cluster says of itself."""
    return {'verb': 'check', 'result': {
        'hostname': 'controller-0', 'rabbitmq': None, 'pacemaker': None,
        'galera': {'size': 3, 'state': 'Synced', 'status': 'Primary'}}}


class TestForce(restoring.PlanTest):

    def restore(self, node='controller-0', **more):
        """Restore the backup of controller-0; give the job."""
        return self.run_job(restores.restore(self.ids['controller-0'], node,
                                             **more))

    def asked(self, job, step):
        """Give what a step was told."""
        path = workdir.root() / job.id / f'{step}-1' / 'env' / 'extravars'
        return json.loads(path.read_text())

    def test_a_healthy_member_is_not_restored_over(self):
        self.scenario({'plan': {'*': member()}})
        job = self.restore()
        self.assertEqual(('error', 'controller-0', 'plan'),
                         (job.state, job.error_node, job.error_step))
        self.assertIn('is a healthy member of its cluster', job.error_cause)
        self.assertIn('force=healthy-member', job.error_hint)
        self.assertEqual(['plan'], self.steps_done())
        self.assertEqual([job.error_cause], [
            one['cause'] for one in job.plan['problems']])

    def test_it_is_when_the_request_says_so_in_words(self):
        self.scenario({'plan': {'*': member()},
                       'rescue': {'*': {'fail': 'No power.'}}})
        job = self.restore(force=['healthy-member'])
        self.assertEqual(('rescue', 'No power.'),
                         (job.error_step, job.error_cause))
        warned = [row.message for row in events.page(job.id, limit=1000)
                  if row.level == 'warning']
        self.assertIn('restored over all the same', ' '.join(warned))

    def test_a_set_of_healthy_members_is_not_restored_over(self):
        self.scenario({'plan': {'*': member()}})
        job = self.run_job(restores.restore_set(self.set_id))
        self.assertEqual(('error', 'plan'), (job.state, job.error_step))
        self.assertEqual(3, len(job.plan['problems']))
        self.assertEqual(['plan'], self.steps_done())

    def test_another_word_does_not_help(self):
        self.scenario({'plan': {'*': member()}})
        self.assertEqual('plan', self.restore(
            force=['other-machine']).error_step)

    def test_all_that_would_be_lost_is_looked_at(self):
        job = self.restore(plan=True)
        self.assertEqual('controller-0',
                         self.asked(job, 'plan')['baas_overwritten'])
        job = self.restore('controller-1', force=['other-machine'], plan=True)
        told = self.asked(job, 'plan')
        self.assertEqual(('controller-0,controller-1', 'controller-2'),
                         (told['baas_overwritten'], told['baas_peers']))

    def test_one_machine_can_become_another(self):
        # Without it the second node would have the credentials of the first.
        self.scenario({'plan': {'*': {}},
                       'recover': {'*': {'fail': 'Disk error.'}}})
        job = self.restore('controller-1', force=['other-machine'])
        self.assertEqual(('Disk error.', 'controller-1'),
                         (job.error_cause, job.node))
        self.assertEqual(('controller-1', 'controller-0'), tuple(
            job.plan['machines'][0][name] for name in ('node', 'restored_as')))
        told = self.asked(job, 'recover')
        self.assertEqual('controller-0', told['baas_nodes'])
        rescue = told['baas_rescue']['controller-0']
        self.assertEqual('controller-1', rescue['ansible_host'])
        self.assertIn('/controller-0/restic', told['baas_options'][
            'controller-0']['recover']['repository'])
        boot = json.loads(pathlib.Path(self.asked(job, 'rescue')[
            'baas_boot_jobs']['controller-0']).read_text())
        self.assertEqual('controller-1', boot['node'])
