# SPDX-License-Identifier: Apache-2.0
"""What a node takes from living members; what the members say is told by a
scenario."""
import json

from baas.conductor import workdir
from baas.requests import restores
from baas.tests.conductor import restoring

FERNET, AUTHKEY = '/etc/keystone/fernet-keys/*', '/etc/corosync/authkey'


def having(**digests):
    """Say what a member has."""
    return {'verb': 'check', 'result': {
        'hostname': 'x', 'galera': None, 'rabbitmq': None, 'pacemaker': None,
        'shared': {{'fernet': FERNET, 'authkey': AUTHKEY}[name]: digest
                   for name, digest in digests.items()}}}


class SharedTest(restoring.PlanTest):

    def told(self, first, second, step='rejoin'):
        """Restore controller-0; give what a step was told, and the sentences
        of its plan."""
        self.scenario({'plan': {'controller-1': first,
                                'controller-2': second}})
        job = self.run_job(restores.restore(self.ids['controller-0'],
                                            'controller-0'))
        self.assertEqual('done', job.state, job.error_cause)
        path = workdir.root() / job.id / f'{step}-1' / 'env' / 'extravars'
        return json.loads(path.read_text()), job.plan['summary']

    def test_members_are_asked_for_digests_of_what_they_have(self):
        told, _ = self.told(having(), having(), step='plan')
        self.assertIn(FERNET, told['baas_options']['controller-1']['check'][
            'shared'])

    def test_what_all_have_is_taken_from_one_of_them(self):
        told, said = self.told(having(fernet='a', authkey='b'),
                               having(fernet='a', authkey='b'))
        self.assertEqual(
            ('controller-1', 'controller-0', [AUTHKEY, FERNET]),
            (told['baas_source_member'], told['baas_sync_node'],
             told['baas_shared_files']))
        self.assertEqual([AUTHKEY, FERNET], told['baas_options'][
            'controller-0']['sync_shared_files']['shared'])
        self.assertIn('What all members have in common, such as keys, comes '
                      'from controller-1.', said)

    def test_what_they_do_not_agree_on_stays_that_of_the_backup(self):
        told, said = self.told(having(fernet='a', authkey='b'),
                               having(fernet='other', authkey='b'))
        self.assertEqual([AUTHKEY], told['baas_shared_files'])
        self.assertIn(f'The running members do not have the same {FERNET}: '
                      f'that of the backup stays.', said)

    def test_the_one_that_has_most_gives_it(self):
        told, _ = self.told(having(authkey='b', fernet=None),
                            having(fernet='a', authkey='b'))
        self.assertEqual(('controller-2', [AUTHKEY, FERNET]),
                         (told['baas_source_member'],
                          told['baas_shared_files']))

    def test_where_there_is_nothing_nobody_is_asked(self):
        told, _ = self.told(having(), having(fernet=None))
        self.assertEqual(('nobody', 'nobody', []), tuple(
            told[name] for name in ('baas_source_member', 'baas_sync_node',
                                    'baas_shared_files')))
