# SPDX-License-Identifier: Apache-2.0
import pathlib

from oslo_config import cfg

from baas.conductor import handlers
from baas.conductor.steps.restore import release
from baas.conductor import workdir
from baas.db import jobs
from baas.db import steps
from baas.jobs import variables
from baas import keys
from baas.tests import fixtures
from baas.tests.unit.db import database


class RestoreTest(database.DatabaseTest):
    """Has a restore of an archive whose rescue system has been reached."""

    def setUp(self):
        super().setUp()
        for name, value, group in (
                ('key_file', str(self.folder / 'key'), 'payload'),
                ('method', 'manual', 'boot')):
            cfg.CONF.set_override(name, value, group)
            self.addCleanup(cfg.CONF.clear_override, name, group)
        backup = fixtures.add_backup(payload='tar')
        row = self.job(kind='restore', node='controller-0',
                       backup_id=backup, steps=['rescue', 'release'])
        jobs.claim(row.id, 'first', 60)
        first = steps.by_job(row.id)[0]
        for event in ('start', 'finish'):
            self.assertTrue(steps.move(first.id, event))
        self.handler = handlers.load(jobs.get(row.id),
                                     workdir.Workdir(row.id))

    def test_a_node_gets_the_identity_only_where_it_has_to_read(self):
        path = self.handler.workdir.secrets / 'controller-0' / 'identity'
        self.handler.stage_credentials('controller-0')
        self.assertFalse(path.exists())
        self.handler.stage_credentials('controller-0', opens=True)
        key = keys.load(self.folder / 'key')
        self.assertEqual(key.node_identity('controller-0'), path.read_text())
        self.assertEqual(0o600, path.stat().st_mode & 0o777)

    def test_a_release_waits_for_no_method_that_is_not_there_any_more(self):
        cfg.CONF.set_override('method', 'floppy', 'boot')
        with self.assertLogs(release.LOG.logger, 'WARNING') as logged:
            told = self.handler.variables('release', 1)
        self.assertIn('are left as they are', logged.output[0])
        self.assertIn('no boot method floppy', logged.output[0])
        self.assertEqual(variables.NOBODY, told['baas_in_rescue'])
        self.assertIsInstance(self.handler.workdir.path, pathlib.Path)
