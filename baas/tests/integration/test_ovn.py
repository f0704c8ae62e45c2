# SPDX-License-Identifier: Apache-2.0
"""Databases of OVN, asked of OVN's own database server."""
import json
import pathlib
import shutil
import tempfile
import unittest

from baas.node.cluster import ovn
from baas.tests.integration import process

SCHEMAS = {'OVN_Northbound': 'ovn-nb', 'OVN_Southbound': 'ovn-sb'}


class OvnTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-ovn-'))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.addCleanup(setattr, ovn, 'FOLDERS', ovn.FOLDERS)
        ovn.FOLDERS = (str(self.folder / 'nothing'), str(self.folder))

    def serve(self, name, fresh=True):
        """Serve a database, empty or as it is; give its server."""
        path = self.folder / f'{name}.db'
        if fresh:
            process.run(['ovsdb-tool', 'create', path,
                         f'/usr/share/ovn/{SCHEMAS[name]}.ovsschema'])
        socket = self.folder / ovn.DATABASES[name]
        server = process.Process(name, [
            'ovsdb-server', f'--remote=punix:{socket}', '--unixctl',
            self.folder / f'{name}.ctl', path], self.folder).start()
        self.addCleanup(server.stop)
        server.wait_until(socket.exists, f'{name} is served')
        return server

    def switches(self, *operations):
        said = process.run([
            'ovsdb-client', 'transact',
            f'unix:{self.folder / ovn.DATABASES["OVN_Northbound"]}',
            json.dumps(['OVN_Northbound', *operations])])
        return [row['name'] for row in json.loads(said)[0].get('rows', ())]

    def test_a_node_without_it_has_none(self):
        self.assertEqual({}, ovn.backups())

    def test_a_database_is_made_again_from_what_is_kept(self):
        server = self.serve('OVN_Northbound')
        self.serve('OVN_Southbound')
        self.switches({'op': 'insert', 'table': 'Logical_Switch',
                       'row': {'name': 'neutron-1'}})
        kept = ovn.backups()
        self.assertEqual(set(SCHEMAS), set(kept))
        server.stop()
        (self.folder / 'OVN_Northbound.db').write_text(
            kept['OVN_Northbound'])
        self.serve('OVN_Northbound', fresh=False)
        self.assertEqual(['neutron-1'], self.switches(
            {'op': 'select', 'table': 'Logical_Switch', 'where': [],
             'columns': ['name']}))

    def test_one_that_does_not_answer_is_left_out(self):
        self.serve('OVN_Northbound')
        (self.folder / ovn.DATABASES['OVN_Southbound']).touch()
        self.assertEqual({'OVN_Northbound'}, set(ovn.backups()))
