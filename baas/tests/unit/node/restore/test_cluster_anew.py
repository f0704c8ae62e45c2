# SPDX-License-Identifier: Apache-2.0
"""What a node needs so that clusters of which no member lives start anew."""
import os
import xml.etree.ElementTree as elements

from baas.node.cluster import galera
from baas.node.cluster import membership
from baas.node import errors
from baas.node.restore import galera_position
from baas.node.restore import recover
from baas.node.restore import reset_state
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

CIB = '''<cib validate-with="pacemaker-3.8" epoch="41" num_updates="3" admin_epoch="0">
  <configuration><crm_config><cluster_property_set id="cib-bootstrap-options">
  <nvpair id="a" name="stonith-enabled" value="true"/>
  <nvpair id="b" name="maintenance-mode" value="true"/>
  </cluster_property_set></crm_config><nodes/><resources/></configuration>
  <status/></cib>
'''  # noqa: E501
CIB_PATH = 'var/lib/pacemaker/cib/cib.xml'
STATE = '''# GALERA saved state
version: 2.1
uuid:    3b1f0c55-5d8e-11ef-8a2c-0b6d7e1f9a10
seqno:   1234
safe_to_bootstrap: %d
'''
QUORUM = '''Quorum information
------------------
Quorum provider:  corosync_votequorum
Nodes:            2
Node ID:          1
Quorate:          Yes

Votequorum information
----------------------
Expected votes:   3
Total votes:      2
'''


class MaintenanceTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        self.cib = self.write(CIB_PATH, CIB)
        os.chmod(self.cib, 0o640)
        self.write(CIB_PATH + '.sig', 'digest')

    def claim(self, **values):
        """Write the claims of nodes into the configuration."""
        pairs = ['<nvpair id="c-%s" name="baas-quiesced-%s" value="%s"/>'
                 % (node, node, value) for node, value in values.items()]
        self.write(CIB_PATH, CIB.replace('  </cluster_property_set>',
                                         ''.join(pairs)
                                         + '</cluster_property_set>'))

    def properties(self):
        """Give the properties of the cluster."""
        return {pair.get('name'): pair.get('value') for pair in
                elements.parse(self.cib).findall('.//nvpair')}

    def test_the_flag_of_a_backup_goes_and_its_file_is_the_newest(self):
        self.claim(c0='unset', c1='unset')
        self.assertTrue(reset_state.end_maintenance(self.folder))
        self.assertEqual({'stonith-enabled': 'true'}, self.properties())
        top = elements.parse(self.cib).getroot()
        self.assertEqual(('42', '0'), (top.get('epoch'),
                                       top.get('admin_epoch')))
        self.assertFalse(os.path.exists(self.cib + '.sig'))
        self.assertEqual(0o640, os.stat(self.cib).st_mode & 0o777)

    def test_the_value_from_before_is_put_back(self):
        self.claim(c0='leaving-false')
        self.assertTrue(reset_state.end_maintenance(self.folder))
        self.assertEqual('false', self.properties()['maintenance-mode'])

    def test_a_flag_that_somebody_else_has_set_stays(self):
        self.assertFalse(reset_state.end_maintenance(self.folder))
        self.assertEqual('true', self.properties()['maintenance-mode'])
        self.assertTrue(os.path.exists(self.cib + '.sig'))

    def test_a_node_without_pacemaker_is_left_alone(self):
        os.unlink(self.cib)
        self.assertFalse(reset_state.end_maintenance(self.folder))


IMAGE = 'var/lib/baas-node/journal.json'


class ImageTest(base.NodeTest):

    def test_the_record_tells_how_the_clusters_were(self):
        self.assertEqual({}, reset_state.record(self.folder))
        self.write_journal(IMAGE, before={'galera': {'size': 3}})
        self.assertEqual({'galera': {'size': 3}},
                         reset_state.record(self.folder)['before'])

    def test_a_journal_of_another_format_is_no_reason_not_to_restore(self):
        flag = {'kind': 'ceph', 'thing': 'noout', 'stage': 0}
        self.write_journal(IMAGE, format=99, before='?', undos=[{}, flag])
        found = recover._adapt(self.asked('recover', new_cluster=True),
                               self.folder)
        self.assertEqual(([flag], {}), (found['undos'], found['before']))
        self.assertIn('/' + IMAGE, found['cleared'])

    def test_a_flag_that_a_backup_had_set_in_ceph_is_owed_to_the_cluster(self):
        flag = {'kind': 'ceph', 'thing': 'noout', 'stage': 0}
        unit = {'kind': 'unit', 'unit': 'a.service', 'stage': 1}
        for options, owed in (({'new_cluster': True}, [flag]),
                              # Living monitors have ended it long ago.
                              ({'rejoin': True}, [])):
            self.write_journal(IMAGE, undos=[flag, unit])
            found = recover._adapt(self.asked('recover', **options),
                                   self.folder)
            self.assertEqual(owed, found['undos'])

    def test_only_the_view_of_the_past_is_moved_away(self):
        for name in ('grastate.dat', 'gvwstate.dat', 'galera.cache'):
            self.write('var/lib/mysql/' + name)
        self.write('var/lib/rabbitmq/mnesia/rabbit@a/schema.DAT')
        self.assertEqual(['/var/lib/mysql/gvwstate.dat'],
                         reset_state.forget_view(self.folder, base.JOB))
        self.assertEqual([], reset_state.forget_view(self.folder, base.JOB))
        self.assertTrue(os.path.exists(
            self.path('var/lib/mysql/grastate.dat')))


class GaleraTest(base.NodeTest):

    def test_one_member_is_told_to_start_the_cluster_and_keeps_its_place(
            self):
        path = self.write('grastate.dat', STATE % 0)
        before = galera.saved(self.folder)
        galera.appoint(True, self.folder)
        self.assertEqual(dict(before, safe_to_bootstrap='1'),
                         galera.saved(self.folder))
        with open(path) as handle:
            self.assertTrue(handle.read().startswith('# GALERA'))

    def test_another_is_told_to_join(self):
        self.write('grastate.dat', STATE % 1)
        galera.appoint(False, self.folder)
        self.assertEqual(('0', '1234'), (
            galera.saved(self.folder)['safe_to_bootstrap'],
            galera.saved(self.folder)['seqno']))

    def test_a_member_that_wrote_nothing_can_start_the_cluster(self):
        galera.appoint(False, self.folder)
        self.assertEqual({}, galera.saved(self.folder))
        galera.appoint(True, self.folder)
        self.assertEqual({
            'version': '2.1', 'uuid': galera.UNKNOWN, 'seqno': '-1',
            'safe_to_bootstrap': '1'}, galera.saved(self.folder))

    def test_what_the_server_says_of_its_position_is_read(self):
        said = ('2026-11-22 [Note] WSREP: Recovered position: '
                '3b1f0c55-5d8e-11ef-8a2c-0b6d7e1f9a10:77,0-1-9\n')
        self.assertEqual(('3b1f0c55-5d8e-11ef-8a2c-0b6d7e1f9a10', 77),
                         galera_position.read('x\n' + said))
        self.assertIsNone(galera_position.read('mariadbd: Table is full'))

    def recovered(self, said):
        standins.scripts(
            self, mariadbd='test "$2" = --wsrep-recover && ' + said)
        return galera_position._recovered()

    def test_a_server_that_was_not_stopped_well_is_asked_for_its_position(
            self):
        uuid = '3b1f0c55-5d8e-11ef-8a2c-0b6d7e1f9a10'
        self.assertEqual((uuid, 77), self.recovered(
            'echo "WSREP: Recovered position: %s:77" >&2' % uuid))
        for said in ('exit 0', 'echo "Table is full" >&2; exit 1'):
            with self.assertRaisesRegex(errors.NodeError, 'does not tell'):
                self.recovered(said)
        standins.only(self)
        os.unlink(self.path('bin', 'mariadbd'))
        with self.assertRaisesRegex(errors.NodeError, 'no mariadbd'):
            galera_position._recovered()


class CorosyncTest(base.NodeTest):

    def test_members_in_touch_are_counted(self):
        self.assertEqual(2, membership.parse_quorumtool(QUORUM))
        self.assertIsNone(
            membership.parse_quorumtool('Cannot initialize CMAP'))
