# SPDX-License-Identifier: Apache-2.0
import datetime
import unittest

from oslo_db import exception as db_exception

from baas.db import backups
from baas.db.catalog import manifests
from baas.tests import fixtures


def row(number, **more):
    return {'id': f'b{number}', 'set_id': 's', 'name': 'n', 'node': 'n1',
            'target': 'overcloud', 'stopall': False, 'payload': 'restic',
            'created_at': datetime.datetime(2026, 1, 1),
            'location_url': 'file:///b/n1', 'manifest_sha256': f'{number}',
            **more}


class CatalogTest(unittest.TestCase):

    def setUp(self):
        service = fixtures.BaasFixture()
        service.setUp()
        self.addCleanup(service.cleanUp)

    def test_more_than_a_database_takes_at_once_are_added_and_known(self):
        rows = [row(number) for number in range(1203)]
        ids = {one['id'] for one in rows}
        self.assertEqual((ids, set()), manifests.add(rows, dry_run=True))
        self.assertEqual([], backups.page())
        self.assertEqual((ids, set()), manifests.add(rows))
        self.assertEqual('available', backups.get('b1202').status)
        self.assertEqual((set(), {'b7'}), manifests.add(
            [row(7, manifest_sha256='else')] + rows[8:]))
        manifests.take_back(ids - {'b7'})
        self.assertEqual(['b7'], [one.id for one in backups.page()])

    def test_what_has_become_something_else_meanwhile_is_not_taken_back(self):
        manifests.add([row(1)])
        backups.move('b1', 'delete')
        manifests.take_back({'b1'})
        self.assertEqual('deleting', backups.get('b1').status)

    def test_nothing_is_added_when_one_cannot_be(self):
        with self.assertRaises(db_exception.DBError):
            manifests.add([row(1), row(2, node=None)])
        self.assertEqual([], backups.page())
