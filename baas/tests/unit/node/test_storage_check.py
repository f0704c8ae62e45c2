# SPDX-License-Identifier: Apache-2.0
"""What the check of a node says of the storage, whatever its driver."""
import tempfile
import unittest

from baas.node.backup import check


class StorageCheckTest(unittest.TestCase):

    def problems(self, **told):
        found = check._storage_problems(
            {'storage': {'kind': 'new', 'host': None, **told}}, [])
        return [one['cause'] for one in found]

    def test_a_host_that_is_the_node_itself_is_refused(self):
        self.assertEqual(
            ['The storage host 127.0.0.1 is this node itself.'],
            self.problems(host='127.0.0.1', path='/nowhere'))

    def test_of_another_host_the_path_is_none_of_the_node(self):
        self.assertEqual([], self.problems(host='192.0.2.1', path='/nowhere'))

    def test_without_a_host_the_node_must_have_the_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual([], self.problems(path=folder))
        self.assertEqual(
            [f'The storage folder {folder} does not exist on this node.'],
            self.problems(path=folder))

    def test_where_nothing_is_told_nothing_is_looked_for(self):
        self.assertEqual([], check._storage_problems({'storage': {}}, []))
