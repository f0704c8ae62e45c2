# SPDX-License-Identifier: Apache-2.0
from baas.db import conductors
from baas.tests.unit.db import database


class ConductorsTest(database.DatabaseTest):

    def me(self, instance, pid=1):
        return {'instance': instance, 'state': 's', 'machine': 'm',
                'pid': pid}

    def test_a_name_has_one_holder(self):
        self.assertTrue(conductors.register('one', self.me('a')))
        self.assertFalse(conductors.register('one', self.me('b')))
        self.assertTrue(conductors.register('two', self.me('b')))
        self.assertEqual(['one', 'two'],
                         [row.host for row in conductors.alive(60)])

    def test_who_shows_itself_at_the_last_moment_keeps_its_name(self):
        conductors.register('one', self.me('a'))
        seen = conductors.get('one')
        while conductors.get('one').seen_at == seen.seen_at:
            self.assertTrue(conductors.beat('one', 'a'))
        self.assertFalse(conductors.register('one', self.me('b'),
                                             instead_of=seen))
        self.assertTrue(conductors.register(
            'one', self.me('b', 2), instead_of=conductors.get('one')))
        self.assertFalse(conductors.beat('one', 'a'))
        self.assertEqual(2, conductors.get('one').pid)

    def test_only_its_holder_gives_a_name_back(self):
        conductors.register('one', self.me('a'))
        conductors.leave('one', 'b')
        self.assertEqual('a', conductors.get('one').instance)
        conductors.leave('one', 'a')
        self.assertIsNone(conductors.get('one'))
