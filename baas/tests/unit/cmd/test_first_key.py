# SPDX-License-Identifier: Apache-2.0
"""A master key is made where there is nothing yet, and nowhere else."""
import logging
import pathlib
import shutil
import unittest

from oslo_config import cfg

from baas.cmd import first_key
from baas.cmd import status
from baas.conductor import handlers
from baas.conductor import workdir
from baas.db import clouds
from baas.db import jobs
from baas.db import session
from baas import errors
from baas import keys
from baas.storage import driver
from baas.storage import manifest
from baas.storage import signed
from baas.tests import fixtures
from baas.tests.unit.storage.test_manifest import ABOUT
from baas.tests.unit.storage.test_manifest import CAPTURE

LOG = logging.getLogger('baas.first')


class FirstKeyTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        service = fixtures.BaasFixture(auth='noauth')
        service.setUp()
        self.addCleanup(service.cleanUp)
        self.service = service
        self.storage = service.folder / 'storage'
        self.path = pathlib.Path(cfg.CONF.payload.key_file)
        self.key, self.text = keys.load(self.path), self.path.read_bytes()
        self.path.unlink()

    def refused(self, *words, kind=errors.BaasError):
        """See that no key is made, whoever asks; give the error."""
        with self.assertRaises(kind) as caught:
            first_key.make(cfg.CONF)
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.assertTrue(caught.exception.hint.endswith('.'))
        with self.assertLogs(LOG, 'ERROR') as logged:
            first_key.at_first_start(cfg.CONF, LOG)
        self.assertIn(str(caught.exception), logged.output[0])
        self.assertFalse(self.path.exists())

    def test_where_nothing_is_stored_one_is_made(self):
        key = first_key.make(cfg.CONF)
        self.assertEqual(key.fingerprint, keys.load(self.path).fingerprint)

    def test_the_first_start_makes_one_and_warns_that_a_copy_is_needed(self):
        (self.storage / 'lost+found').mkdir()
        with self.assertLogs(LOG, 'WARNING') as logged:
            first_key.at_first_start(cfg.CONF, LOG)
        self.assertIn('keep one away', logged.output[0])
        self.assertNotIn(self.path.read_text().strip(), logged.output[0])
        made = self.path.read_text()
        with self.assertNoLogs(LOG):
            first_key.at_first_start(cfg.CONF, LOG)
        self.assertEqual(made, self.path.read_text())

    def test_a_storage_that_holds_something_needs_its_own_key(self):
        (self.storage / 'controller-0' / 'restic').mkdir(parents=True)
        self.refused('holds backups already (controller-0)',
                     kind=keys.KeyFileError)

    def test_a_storage_that_cannot_be_asked_may_hold_something(self):
        shutil.rmtree(self.storage)
        self.refused(str(self.storage))

    def test_a_storage_that_is_not_configured_may_hold_something(self):
        self.service.conf.config(group='storage_file', path=None)
        self.refused('[storage_file] path')

    def test_backups_in_the_database_need_their_own_key(self):
        fixtures.add_backup()
        self.refused('the database lists backups', kind=keys.KeyFileError)

    def test_a_database_that_does_not_answer_may_list_backups(self):
        session.engine().dispose()
        (self.service.folder / 'baas.sqlite').unlink()
        (self.service.folder / 'baas.sqlite').mkdir()
        self.refused('the database does not answer', kind=keys.KeyFileError)

    def test_no_job_makes_a_key(self):
        backup = fixtures.add_backup()
        for kind in ('delete', 'backup', 'boot-cleanup'):
            job = jobs.get(fixtures.add_job(kind=kind, backup_id=backup))
            made = handlers.load(job, workdir.Workdir(job.id), cfg.CONF)
            if kind == 'boot-cleanup':  # which must not wait for one
                made.require_key()
                continue
            with self.assertRaises(keys.KeyFileError) as caught:
                made.require_key()
            self.assertIn(f'There is no key file {self.path}',
                          str(caught.exception))
            self.assertIn('baas-manage key create', caught.exception.hint)
        self.assertFalse(self.path.exists())

    def test_archives_can_be_released_without_a_key(self):
        job = jobs.get(fixtures.add_job())
        fixtures.add_backup(set_id=job.id, payload='tar', status='creating')
        made = handlers.load(job, workdir.Workdir(job.id), cfg.CONF)
        release = made.variables('release', 1)['baas_options'][
            'controller-0']['release']
        self.assertNotIn('recipient', release)
        keys.create(self.path)
        made = handlers.load(job, workdir.Workdir(job.id), cfg.CONF)
        self.assertIn('recipient', made.place('controller-0'))

    def test_another_key_than_that_of_the_backups_is_told(self):
        place = driver.load(cfg.CONF, self.key.cloud)
        manifest.write(place, self.key, manifest.build(ABOUT, CAPTURE))
        signed.require(place, self.key, self.path)
        other = keys.create(self.path)
        with self.assertRaises(keys.KeyFileError) as caught:
            signed.require(place, other, self.path)
        self.assertIn('is not the one that the backups in', str(
            caught.exception))
        self.path.unlink()
        self.assertIn('key create', status.Checks()._key().details)

    def test_another_key_than_that_of_the_database_is_told(self):
        self.path.write_bytes(self.text)
        self.path.chmod(0o600)
        self.assertEqual(self.key.cloud, clouds.own(cfg.CONF))
        self.assertEqual(0, status.Checks()._key().code)
        self.path.unlink()
        # Who has no key knows the cloud all the same.
        self.assertEqual(self.key.cloud, clouds.own(cfg.CONF))
        other = keys.create(self.path)
        wanted = (f'is that of cloud {other.cloud}, and the database is that '
                  f'of cloud {self.key.cloud}')
        self.assertIn(wanted, status.Checks()._key().details)
        with self.assertRaises(keys.KeyFileError) as caught:
            first_key.at_first_start(cfg.CONF, LOG)
        self.assertIn(wanted, str(caught.exception))
        job = jobs.get(fixtures.add_job())
        made = handlers.load(job, workdir.Workdir(job.id), cfg.CONF)
        with self.assertRaises(keys.KeyFileError):
            made.require_key()

    def test_beside_other_clouds_one_is_made_for_who_says_so(self):
        (self.storage / self.key.cloud / 'controller-0').mkdir(parents=True)
        self.refused('holds backups already', kind=keys.KeyFileError)
        made = first_key.make(cfg.CONF, beside=True)
        self.assertNotEqual(self.key.cloud, made.cloud)
        place = driver.load(cfg.CONF, made.cloud)
        place.check()
        self.assertEqual([], place.nodes())

    def test_where_nothing_is_signed_yet_any_key_will_do(self):
        (self.storage / 'controller-0' / 'restic').mkdir(parents=True)
        signed.require(driver.load(cfg.CONF, self.key.cloud), self.key,
                       self.path)
