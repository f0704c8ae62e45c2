# SPDX-License-Identifier: Apache-2.0
import itertools
import random

from baas.db import backups
from baas import errors
from baas.tests import fixtures
from baas.tests.unit.db import database


class TestPages(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        dice = random.Random(7)
        for number in range(40):
            fixtures.add_backup(
                # Many ties, and NULLs in a column that is sorted by.
                number=dice.randrange(5), stopall=dice.randrange(2) == 1,
                node=f'node-{dice.randrange(3)}',
                size_bytes=dice.choice([None, 1, 2, 3]))

    def walk(self, limit, **how):
        """Read all pages; give the ids."""
        ids, marker = [], None
        for _ in range(100):
            rows = backups.page(limit=limit, marker=marker, **how)
            ids += [row.id for row in rows]
            if len(rows) < limit:
                return ids
            marker = ids[-1]

    def test_pages_of_any_size_give_every_row_once_in_one_order(self):
        orders = [(('created_at', 'desc'),), (('created_at', 'asc'),),
                  (('size_bytes', 'desc'),), (('size_bytes', 'asc'),),
                  (('node', 'asc'), ('size_bytes', 'desc')),
                  (('size_bytes', 'asc'), ('created_at', 'desc')),
                  (('stopall', 'asc'),), (('stopall', 'desc'),),
                  (('id', 'asc'),)]
        for sort, limit in itertools.product(orders, (1, 3, 7, 40)):
            with self.subTest(sort=sort, limit=limit):
                whole = [row.id for row in backups.page(sort=sort, limit=99)]
                self.assertEqual(40, len(set(whole)))
                self.assertEqual(whole, self.walk(limit, sort=sort))

    def test_filters_hold_on_every_page(self):
        ids = self.walk(2, filters={'node': 'node-1'})
        self.assertTrue(ids)
        self.assertEqual({'node-1'}, {backups.get(id).node for id in ids})

    def test_a_filter_takes_several_values(self):
        found = backups.page(filters={'node': ('node-1', 'node-2')})
        self.assertEqual({'node-1', 'node-2'}, {row.node for row in found})

    def test_an_unknown_marker_is_refused(self):
        with self.assertRaises(errors.InvalidArgument) as caught:
            backups.page(marker='nothing')
        self.assertIn('marker', str(caught.exception))
