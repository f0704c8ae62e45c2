# SPDX-License-Identifier: Apache-2.0
"""A real, empty database for tests that ask it questions."""
import unittest
import uuid

from baas.db import jobs
from baas.tests import fixtures


class DatabaseTest(unittest.TestCase):
    """Has an empty SQLite file of its own."""

    def setUp(self):
        super().setUp()
        service = fixtures.BaasFixture(auth='noauth')
        service.setUp()
        self.addCleanup(service.cleanUp)
        self.folder = service.folder

    def job(self, target='overcloud', steps=('check', 'release'),
            backups=(), **given):
        """Write a queued job; give its row."""
        return jobs.create(
            {'id': str(uuid.uuid4()), 'kind': 'backup', 'target': target,
             'holds': target, 'options': {}, **given}, steps, backups)

    def columns(self, set_id, node='controller-0', **given):
        """Give the columns of a backup."""
        return {'id': str(uuid.uuid4()), 'set_id': set_id, 'name': 'b',
                'target': 'overcloud', 'node': node, 'stopall': False,
                'location_url': f'file:///b/{node}', 'payload': 'restic',
                **given}
