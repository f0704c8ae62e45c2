# SPDX-License-Identifier: Apache-2.0
import types
import uuid

from oslo_config import cfg

from baas.conductor.backup import estimate
from baas.db import jobs
from baas.storage import base
from baas.storage import driver
from baas.tests import fixtures
from baas.tests.unit.db import database


class RoomTest(database.DatabaseTest):

    def test_less_room_than_the_last_backups_took_is_told_beforehand(self):
        place = driver.load(cfg.CONF, str(uuid.uuid4()))
        estimate.check_room(place, ['controller-0', 'controller-1'])
        fixtures.add_backup(stored_bytes=10 ** 17)
        with self.assertRaises(base.StorageError) as caught:
            estimate.check_room(place, ['controller-0', 'controller-1'])
        self.assertRegex(str(caught.exception),
                         r'\d+ MiB are free, and 95367431704 MiB are needed')
        self.assertIn('Delete backups', caught.exception.hint)
        # Those of other nodes are of no account.
        estimate.check_room(place, ['controller-1'])


class PreviousTest(database.DatabaseTest):

    def seconds(self, **columns):
        """Give how long the set before is said to have taken."""
        set_id = str(uuid.uuid4())
        if columns:
            fixtures.add_job(id=set_id, **columns)
        fixtures.add_backup(target='undercloud', node='undercloud-0',
                            set_id=set_id, number=len(jobs.page(limit=9)))
        found = estimate._previous(types.SimpleNamespace(
            target='undercloud', options={'stopall': False}),
            ['undercloud-0'], cfg.CONF)
        self.assertEqual(set_id, found.set_id)
        return found.duration_seconds

    def test_a_set_whose_job_tells_no_times_took_nobody_knows_how_long(self):
        self.assertIsNone(self.seconds())
        self.assertEqual(0, self.seconds(state='done'))
        self.assertIsNone(self.seconds(state='running', finished_at=None))

    def test_of_a_set_only_the_nodes_count_that_are_to_be_taken(self):
        set_id = str(uuid.uuid4())
        for node, columns in (
                ('controller-0', {'stored_bytes': 2}),
                ('controller-1', {'stored_bytes': 3}),
                ('controller-2', {'status': 'error', 'stored_bytes': None,
                                  'missing_nodes': ['controller-2']})):
            fixtures.add_backup(set_id=set_id, node=node, **columns)
        nodes = ['controller-0', 'controller-1']
        job = types.SimpleNamespace(target='overcloud',
                                    options={'stopall': False})
        self.assertEqual(5, estimate._previous(job, nodes,
                                               cfg.CONF).stored_bytes)
        self.assertIsNone(estimate._previous(
            job, nodes + ['controller-2'], cfg.CONF))
