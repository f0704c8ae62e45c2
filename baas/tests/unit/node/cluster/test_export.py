# SPDX-License-Identifier: Apache-2.0
"""What is kept of the clusters of a node, and who is asked for it."""
import os
import socket

from baas.node.cluster import export
from baas.node.cluster import membership
from baas.node.cluster import ovn
from baas.node.cluster import rabbitmq
from baas.node import errors
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

FAILS = 'exit 1'
BROKER = ('beam.smp', '-s', 'rabbit', 'boot')


class ExportTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, ovn, 'FOLDERS', ovn.FOLDERS)
        ovn.FOLDERS = (self.folder,)

    def serve(self, kind=socket.SOCK_STREAM):
        """Have somebody at the place of the northbound database."""
        place = socket.socket(socket.AF_UNIX, kind)
        self.addCleanup(place.close)
        place.bind(self.path('ovnnb_db.sock'))

    def test_what_there_is_of_each_cluster_is_kept_for_root_alone(self):
        self.serve()
        standins.scripts(self, **{
            'ovsdb-client': 'echo OVSDB CLUSTER 9', 'crm_mon': FAILS,
            'rabbitmqctl': FAILS, 'ceph': 'echo "[client.admin]"'})
        self.assertEqual(['OVN_Northbound.db', 'ceph-auth.keyring'],
                         export.save(self.folder))
        for name, text in (('OVN_Northbound.db', 'OVSDB CLUSTER 9\n'),
                           ('ceph-auth.keyring', '[client.admin]\n')):
            self.assertEqual(0o600, os.stat(self.path(name)).st_mode & 0o777)
            with open(self.path(name)) as handle:
                self.assertEqual(text, handle.read())

    def test_a_broker_too_old_to_tell_its_definitions_is_no_error(self):
        standins.process(self, *BROKER)
        standins.scripts(self, rabbitmqctl='exit %d' % export._UNKNOWN_WORD)
        self.assertIsNone(export._definitions())

    def inside(self, client):
        """Have the client in one container of two, and not on the node;
        others have a shell and nothing else, or not even that.

        :param client: its source.
        """
        standins.only(self)
        os.makedirs(self.path('box'))
        os.chmod(self.write('box/ovsdb-client', '#!/bin/sh\n' + client),
                 0o755)
        standins.scripts(self, podman='''
PATH=/usr/bin:/bin
if [ $1 = ps ]; then echo ovn_controller ovnmeta ovn_cluster_north_db_server
exit; fi
shift; [ $1 != -i ] || shift; name=$1; shift
[ $name != ovnmeta ] || exit 127
[ $name = ovn_controller ] || PATH=%s:$PATH
exec "$@"
''' % self.path('box'))

    def test_a_database_in_a_container_is_asked_where_it_is_there(self):
        self.serve()
        self.inside('echo OVSDB CLUSTER $4')
        self.assertEqual(
            {'OVN_Northbound': 'OVSDB CLUSTER unix:%s\n' % self.path(
                'ovnnb_db.sock')}, ovn.backups())

    def test_one_in_a_container_that_does_not_give_it_is_unknown(self):
        self.serve()
        self.inside('echo no luck >&2; exit 1')
        with self.assertRaisesRegex(errors.Unknown, 'north_db.*no luck'):
            ovn.backups()

    def test_a_socket_that_a_container_has_left_is_no_database(self):
        self.serve()
        self.inside('echo "failed to connect (Connection refused)" >&2; '
                    'exit 1')
        self.assertEqual({}, ovn.backups())

    def test_a_database_at_whose_socket_nobody_can_call_is_unknown(self):
        self.serve(socket.SOCK_DGRAM)
        standins.scripts(self, **{'ovsdb-client': FAILS})
        with self.assertRaisesRegex(errors.Unknown, 'ovsdb-client'):
            ovn.backups()


class AskTest(base.NodeTest):

    def test_a_node_without_corosync_is_in_touch_with_nobody(self):
        standins.only(self)
        self.assertIsNone(membership.corosync())

    def test_a_broker_that_waits_is_told_to_look_for_its_peers(self):
        standins.install(self, rabbitmqctl="note(' '.join(sys.argv[1:]))")
        for unit, waits in (('rabbitmq-server.service', True),
                            ('tripleo_rabbitmq.service', True),
                            ('web.service', False)):
            self.assertEqual(waits, rabbitmq.is_one(unit))
        rabbitmq.find_peers()
        self.assertIn('eval mnesia:change_config', standins.asked(self)[0])
