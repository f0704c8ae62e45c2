# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between a request and its job."""
from oslo_config import cfg

from baas.db import jobs
from baas import errors
from baas.requests import messaging
from baas.requests import submit
from baas.tests.unit.db import database


class SubmitTest(database.DatabaseTest):

    def override(self, name, value, group=None):
        cfg.CONF.set_override(name, value, group)
        self.addCleanup(cfg.CONF.clear_override, name, group)

    def test_a_target_without_nodes_is_refused_with_what_names_them(self):
        path = self.folder / 'hosts.yaml'
        path.write_text('Controller: {hosts: {a: {}}}\n')
        self.override('inventory', str(path), 'runner')
        with self.assertRaises(errors.Conflict) as caught:
            submit.backup('undercloud', stopall=False)
        self.assertIn('no node in the groups of the undercloud',
                      str(caught.exception))
        self.assertIn('[targets] undercloud', caught.exception.hint)
        self.assertEqual([], jobs.page())

    def test_a_job_that_nobody_can_be_told_of_waits(self):
        self.override('transport_url', 'no-such-bus://')
        messaging._client.cache_clear()
        self.addCleanup(messaging._client.cache_clear)
        with self.assertLogs(messaging.LOG.logger, 'WARNING') as logged:
            job = submit.backup('undercloud', stopall=False)
        self.assertIn(f'Job {job.id} waits for the next sweep',
                      logged.output[0])
        self.assertEqual('queued', jobs.get(job.id).state)
