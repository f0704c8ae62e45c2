# SPDX-License-Identifier: Apache-2.0
"""A database that was lost is made again from what the conductor has had
signed."""
import contextlib
import datetime
import hashlib
import json
import os

from oslo_config import cfg
import sqlalchemy as sa

from baas.conductor import workdir
from baas.db import backups
from baas.db import clouds
from baas.db import models
from baas.db import session
from baas.requests import restores
from baas.requests import submit
from baas.storage import driver
from baas.storage import manifest
from baas.tests.conductor import base
from baas.tests.functional import forked

# What becomes of a backup later is in the database alone.
LOST = ('verified_at', 'added_bytes', 'client_outage_seconds')


class CatalogTest(base.ConductorTest):

    def setUp(self):
        super().setUp()
        self.key = clouds.key(cfg.CONF)
        self.config = self.service.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.service.folder}\n'
            f'[storage_file]\npath = {cfg.CONF.storage_file.path}\n')
        capture = {**base.CAPTURED, 'kind': 'restic', 'disk_bytes': 5}
        self.scenario({
            'capture': {'*': {'result': capture}},
            'snapshot': {'*': {'verb': 'resume', 'result': {
                'outage': 2.5, 'services': {'a.service': 2.5}}}}})

    def take(self, **options):
        """Take a set, and sign and store what its last step was told to;
        give its id."""
        job = self.run_job(submit.backup('overcloud', **options))
        self.assertEqual('done', job.state, job.error_cause)
        with self.storage() as storage:
            for row in backups.by_set(job.id):
                path = workdir.root() / job.id / f'verify-{row.node}.json'
                told = json.loads(path.read_text())
                data = manifest.write(storage, self.key, manifest.build({
                    **told['manifest'], 'node': row.node, 'versions': {},
                    'backup': row.id, 'cloud': self.key.cloud},
                    told['capture']))
                self.change(row.id, manifest_sha256=hashlib.sha256(
                    data).hexdigest())
        return job.id

    def storage(self):
        return contextlib.closing(driver.load(cfg.CONF, self.key.cloud))

    def change(self, id, **values):
        with session.writer() as connection:
            connection.execute(sa.update(models.Backup).where(
                models.Backup.id == id).values(**values))

    def lose(self):
        with session.writer() as connection:
            connection.execute(sa.delete(models.Backup))

    def rows(self):
        return {row.id: {name: value for name, value in row._mapping.items()
                         if name not in LOST} for row in backups.page()}

    def catalog(self, *words):
        return forked.run(
            'manage', '--config-file', str(self.config), 'catalog', 'import',
            *words, env={**os.environ, 'COLUMNS': '200'})

    def test_all_that_was_asked_for_and_measured_is_there_again(self):
        until = datetime.datetime(2030, 1, 2, 3, 4, 5)
        sets = [self.take(stopall=False),
                self.take(stopall=True, name='before the update',
                          labels={'why': 'update'}, expires=until)]
        before = self.rows()
        self.lose()
        said = self.catalog()
        self.assertEqual((0, ''), (said.returncode, said.stderr))
        self.assertEqual(before, self.rows())
        self.assertEqual([(3, until)] * 3, [
            (row.set_size, row.expires_at) for row in backups.by_set(sets[1])])
        self.assertIn('added: 6 (sets: 2), known already: 0, refused: 0\n',
                      said.stdout)
        for id in sets:
            self.assertRegex(said.stdout, f'(?m)^{id} .* overcloud '
                             'controller-0 controller-1 controller-2$')
        # And again is harmless.
        self.assertIn('added: 0 (sets: 0), known already: 6',
                      self.catalog().stdout)
        self.assertEqual(before, self.rows())

    def test_a_set_can_be_restored_and_the_next_builds_on_it(self):
        id = self.take(stopall=False)
        self.lose()
        self.assertIsNone(backups.parent('controller-0'))
        self.assertEqual(0, self.catalog().returncode)
        self.assertEqual('ab12', backups.parent('controller-0'))
        job = restores.restore_set(id, plan=True)
        self.assertEqual({'set_id': id}, job.options)

    def test_a_set_that_lost_a_manifest_is_not_whole(self):
        id = self.take(stopall=False)
        with self.storage() as storage:
            gone = backups.by_set(id)[0]
            manifest.remove(storage, gone.node, gone.id)
        self.lose()
        self.assertEqual(0, self.catalog().returncode)
        self.assertEqual([3, 3], [row.set_size for row in backups.by_set(id)])

    def test_what_is_known_stays_as_it_is(self):
        id = self.take(stopall=False)
        one, two, three = backups.by_set(id)
        self.change(one.id, status='deleting')
        self.change(two.id, protected=True, manifest_sha256='0' * 64)
        before = self.rows()
        said = self.catalog()
        self.assertEqual(1, said.returncode)
        self.assertEqual(before, self.rows())
        self.assertIn(f'refused: {two.node}/manifests/{two.id}.json: The '
                      'backup is known here with another manifest.\n',
                      said.stdout)

    def test_a_look_before_changes_nothing(self):
        id = self.take(stopall=False)
        self.lose()
        said = self.catalog('--dry-run')
        self.assertIn(id, said.stdout)
        self.assertIn('would be added: 3 (sets: 1)', said.stdout)
        self.assertEqual({}, self.rows())
