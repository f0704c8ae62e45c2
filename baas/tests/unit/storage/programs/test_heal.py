# SPDX-License-Identifier: Apache-2.0
"""Damage that a repository has, and what the next backup makes of it."""
import unittest

from baas.tests.unit.storage.programs import test_scrub


class HealTest(test_scrub.Scrubbing, unittest.TestCase):

    def heal(self, faulty):
        """Repair; give the result."""
        said = self.site.program('heal', node='n1', faulty=faulty)
        self.assertEqual('done', said['state'], said)
        return said['result']

    def take(self, backup):
        """Take a backup of a node of which others are damaged."""
        self.site.remember(backup)
        job = self.site.verify_job(backup, self.site.capture(
            backup, size=1000))
        return self.site.program('verify', damaged=True, **job)

    def faulty(self):
        """Read all; give the names of what is bad."""
        self.scrub()
        return [line['name'] for line in self.logged() if line['fault']]

    def heals(self, harm, path):
        """Damage an object, and have the next backup heal it."""
        harm(path)
        self.assertTrue(self.damaged())
        self.heal(self.faulty())
        said = self.take('b3')
        self.assertEqual('done', said['state'], said)
        self.assertEqual({}, self.damaged(
            backups=dict.fromkeys(('b1', 'b2', 'b3')), lists=['b1', 'b2']))

    def file_pack(self):
        """Give the path of the pack with the files, which the node still
        has."""
        return self.site.packs()[0]

    def test_a_missing_pack_is_stored_again(self):
        self.heals(type(self.file_pack()).unlink, self.file_pack())

    def test_a_damaged_pack_is_stored_again_and_a_copy_is_kept(self):
        path = self.file_pack()
        self.heals(test_scrub.flip, path)
        [copy] = (self.site.state / 'damaged' / 'n1').iterdir()
        self.assertIn(path.name, copy.name)

    def test_a_truncated_pack_is_stored_again(self):
        self.heals(test_scrub.truncate, self.file_pack())

    def test_a_missing_index_is_made_again(self):
        path = self.find(self.objects()['index'][0])
        self.heals(type(path).unlink, path)

    def test_a_damaged_index_is_made_again(self):
        self.heals(test_scrub.flip, self.find(self.objects()['index'][0]))

    def test_what_the_node_has_not_any_more_stays_damaged_and_harms_no_other(
            self):
        (self.site.tree / 'of-b1').unlink()
        for path in self.objects()['data']:
            test_scrub.flip(self.find(path))
        self.heal(self.faulty())
        self.assertEqual('done', self.take('b3')['state'])
        found = self.damaged(backups=dict.fromkeys(('b1', 'b2', 'b3')),
                             lists=['b3'])
        self.assertIn('b1', found)
        self.assertNotIn('b3', found)

    def test_what_is_whole_is_left_as_it_is(self):
        before = {path: path.read_bytes() for path in self.site.packs()}
        result = self.heal([self.name(path) for path in before])
        self.assertEqual(0, result['damaged_packs'])
        self.assertEqual(before, {path: path.read_bytes()
                                  for path in self.site.packs()})
        self.assertEqual({}, self.damaged())
