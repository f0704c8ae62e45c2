# SPDX-License-Identifier: Apache-2.0
"""A database that was set back removes nothing."""
import contextlib
import uuid

from oslo_config import cfg

from baas.db import backups
from baas.db import clouds
from baas.db import jobs
from baas.requests import submit
from baas.storage import driver
from baas.storage import manifest
from baas.tests.conductor import trashing
from baas.tests.conductor.trashing import HOUR
from baas.tests import fixtures
from baas.tests.unit.storage import test_manifest


class StaleTest(trashing.TrashTest):

    def setUp(self):
        super().setUp()
        self.key = clouds.key(cfg.CONF)
        self.node, self.lost = 'controller-0', str(uuid.uuid4())
        with self.storage() as storage:
            storage.check()

    def storage(self):
        return contextlib.closing(driver.load(cfg.CONF, self.key.cloud))

    def store_unknown(self):
        """Have a backup that the database forgot when it was set back."""
        with self.storage() as storage:
            manifest.write(storage, self.key, manifest.build(
                {**test_manifest.ABOUT, 'backup': self.lost, 'node': self.node,
                 'cloud': self.key.cloud}, test_manifest.CAPTURE))

    def bring_in(self):
        fixtures.add_backup(id=self.lost, node=self.node)

    def test_a_clean_up_ends_in_an_error_and_condemns_nothing(self):
        self.service.conf.config(group='cleanups', delete_delay='0')
        policy = fixtures.add_cleanup(keep_last=1)
        sets = [self.add_set(day) for day in (1, 2, 3)]
        self.store_unknown()
        job = self.run_job(submit.cleanup(policy))
        self.assertEqual('error', job.state)
        self.assertIn('has 1 backups that the database does not know',
                      job.error_cause)
        self.assertIn('catalog import', job.error_hint)
        for id in sets:
            self.assertEqual(['available'] * 3, self.statuses(id))
        self.bring_in()
        self.assertEqual('done', self.run_job(submit.cleanup(policy)).state)
        self.assertEqual([], backups.by_set(sets[0]))

    def test_the_trash_stays_as_it_is_and_is_tried_later(self):
        id = self.add_set()
        self.delete(id)
        self.pass_by(73 * HOUR)
        self.store_unknown()
        (job,) = self.tick()
        job = self.run_job(job)
        self.assertEqual('error', job.state)
        self.assertIn('has 1 backups that the database does not know',
                      job.error_cause)
        self.assertEqual(['trashed'] * 3, self.statuses(id))
        for _sweep in range(3):
            self.assertEqual([], self.tick())
        self.bring_in()
        self.pass_by(2 * HOUR)
        (job,) = self.tick()
        self.assertEqual('done', self.run_job(job).state)
        self.assertEqual([], backups.by_set(id))

    def test_what_proves_nothing_stops_nobody(self):
        self.store_unknown()
        place = (self.service.folder / 'storage' / self.key.cloud / self.node
                 / 'manifests' / f'{self.lost}.json')
        place.write_bytes(place.read_bytes() + b' ')
        id = self.add_set()
        self.delete(id)
        self.pass_by(73 * HOUR)
        (job,) = self.tick()
        self.assertEqual('done', self.run_job(job).state)

    def test_a_storage_that_is_away_is_the_affair_of_the_job(self):
        self.delete(self.add_set())
        self.pass_by(73 * HOUR)
        (self.service.folder / 'storage').rename(
            self.service.folder / 'away')
        (job,) = self.tick()
        self.assertEqual('error', self.run_job(job).state)
        self.assertEqual([], [row for row in jobs.queued()])

    def test_who_asks_for_one_backup_to_be_deleted_is_obeyed(self):
        self.service.conf.config(group='storage', delete_delay='0')
        self.store_unknown()
        id = self.add_set(nodes=[self.node])
        job = self.run_job(submit.delete(backups.by_set(id)[0].id))
        self.assertEqual('done', job.state, job.error_cause)
