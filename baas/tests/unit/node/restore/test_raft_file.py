# SPDX-License-Identifier: Apache-2.0
"""Which files of a restored tree are of members of OVN's Raft."""
import json

from baas.node.restore import raft_file
from baas.tests.unit.node import base

WHOSE = {'name': 'OVN_Northbound', 'server_id': 'a', 'local_address': 'tcp:b'}


def written(said, magic='OVSDB CLUSTER', length=None):
    """Give a file with one record."""
    text = json.dumps(said)
    return f'{magic} {length or len(text)} {"0" * 40}\n{text}'


class FindTest(base.NodeTest):

    def test_files_are_found_where_each_kind_of_deployment_has_them(self):
        for path in ('var/lib/openvswitch/ovn/ovnnb_db.db',
                     'var/lib/ovn/ovnsb_db.db',
                     'var/lib/docker/volumes/ovn_nb_db/_data/ovnnb.db',
                     'var/lib/containers/storage/volumes/ovn_sb_db/_data/'
                     'ovnsb.db'):
            with self.subTest(path):
                full = self.write(path, written(WHOSE))
                self.assertIn(full, raft_file.find(self.folder))
        self.assertEqual(4, len(raft_file.find(self.folder)))

    def test_what_is_none_is_left_alone(self):
        for text in ('', 'OVSDB CLUSTER', 'OVSDB CLUSTER x y\n',
                     written(WHOSE, 'OVSDB JSON'), written(['a']),
                     written({'name': 'OVN_Northbound'}),
                     written(dict(WHOSE, name=None)),
                     written(WHOSE)[:-9], written(WHOSE, length=10),
                     written(WHOSE, length=1 << 60)):
            with self.subTest(text):
                path = self.write('var/lib/ovn/ovnnb_db.db', text)
                self.assertIsNone(raft_file.read(path))
                self.assertEqual([], raft_file.find(self.folder))

    def test_one_that_cannot_be_decoded_is_none(self):
        path = self.write('var/lib/ovn/ovnnb_db.db')
        with open(path, 'wb') as handle:
            handle.write(b'OVSDB CLUSTER 2 0\n\xff\xfe')
        self.assertIsNone(raft_file.read(path))
