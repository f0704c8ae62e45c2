# SPDX-License-Identifier: Apache-2.0
"""Clusters that are told that a node is quiesced, and that it is back."""
import json
import time

from baas.node import errors
from baas.node.services import base as services
from baas.node.services import ceph
from baas.node.services import pacemaker
from baas.node.services import registry
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node.services.test_services import names
from baas.tests.unit.node import standins

SOON = 60


class PacemakerTest(base.NodeTest):

    service = pacemaker.Pacemaker()

    def on(self, me, online=('a', 'b', 'c')):
        """Look at the same cluster from another node."""
        self.write('me.json', json.dumps(me))
        self.write('online.json', json.dumps(
            {name: str(name in online).lower() for name in 'abc'}))

    def cluster(self, **properties):
        standins.cluster(self, 'a', dict.fromkeys('abc', True), **properties)

    def quiesce(self, me):
        self.on(me)
        things = self.service.find(['x'], services.NodeView('freeze', ['x']))
        undos = self.service.plan_undos(things, 'freeze')
        self.service.quiesce(undos, clock.boottime() + SOON, object())
        self.service.wait(undos, clock.boottime() + SOON, object())
        return undos

    def resume(self, me, undos, **more):
        self.on(me, **more)
        return list(self.service.resume(undos, clock.boottime() + SOON))

    def properties(self):
        return standins.read(self, 'cib.json')

    def test_the_last_node_ends_the_mode(self):
        self.cluster()
        undos = {me: self.quiesce(me) for me in 'abc'}
        self.resume('a', undos['a'])
        self.resume('b', undos['b'])
        self.assertEqual('true', self.properties()['maintenance-mode'])
        self.resume('c', undos['c'])
        self.assertEqual({}, self.properties())

    def test_a_value_from_before_is_put_back(self):
        self.cluster(maintenance_mode='false')
        undos = {me: self.quiesce(me) for me in 'ab'}
        for me in 'ab':
            self.resume(me, undos[me])
        self.assertEqual({'maintenance-mode': 'false'}, self.properties())

    def test_the_operators_own_maintenance_is_left_alone(self):
        self.cluster(maintenance_mode='true')
        self.assertEqual([], self.quiesce('a'))
        self.assertEqual({'maintenance-mode': 'true'}, self.properties())
        self.assertTrue(self.service.before()['maintenance'])

    def hindrances(self, mode='stop', unit='pacemaker.service'):
        return [one['cause'] for one in self.service.hindrances(
            [('unit', unit)], mode)]

    def test_an_update_of_tripleo_that_runs_is_waited_for_by_no_backup(self):
        now = int(time.time())
        self.cluster(tripleo_shutdown_lock=f'controller-1:{now + 500}')
        for mode in services.MODES:
            [cause] = self.hindrances(mode, 'tripleo_nova.service')
            self.assertRegex(cause, 'controller-1.*tripleo-shutdown-lock')

    def test_a_lock_that_has_run_out_is_none(self):
        now = int(time.time())
        for value in (f'controller-1:{now - 5}', 'odd', ''):
            self.cluster(tripleo_shutdown_lock=value)
            self.assertEqual([], self.hindrances())

    def test_what_pacemaker_would_leave_running_is_refused_by_name(self):
        self.cluster()
        standins.install(self, crm_mon='''
print('<x><summary><current_dc with_quorum="true"/></summary><nodes>'
      '<node name="a" online="true"/></nodes><resources>'
      '<resource id="galera-bundle-podman-0" active="true" managed="false">'
      '<node name="a"/></resource></resources></x>')''')
        [cause] = self.hindrances()
        self.assertRegex(cause, 'galera-bundle-podman-0')
        # It does not stop, or nothing is stopped.
        self.assertEqual([], self.hindrances(unit='tripleo_nova.service'))
        self.assertEqual([], self.hindrances('freeze'))

    def test_where_there_is_no_pacemaker_it_hinders_nothing(self):
        self.assertEqual([], self.hindrances())

    def test_a_node_that_is_gone_does_not_keep_the_others_waiting(self):
        self.cluster()
        undos = {me: self.quiesce(me) for me in 'ab'}
        self.resume('a', undos['a'], online='ac')
        self.assertEqual({}, self.properties())
        self.assertEqual(undos['b'], self.resume('b', undos['b']))

    def test_two_that_leave_at_once_do_not_wait_for_each_other(self):
        self.cluster(baas_quiesced_a='leaving-unset',
                     baas_quiesced_b='unset', maintenance_mode='true')
        self.on('b')
        self.resume('b', [{}])
        self.assertNotIn('maintenance-mode', self.properties())

    def test_it_is_as_before_only_when_the_mode_is(self):
        self.cluster()
        before = self.service.before()
        undos = self.quiesce('a')
        self.assertEqual(1, len(self.service.missing(before)))
        self.resume('a', undos)
        self.assertEqual([], self.service.missing(before))

    def test_a_cluster_that_does_not_answer_leaves_the_undo_owed(self):
        self.cluster()
        undos = self.quiesce('a')
        standins.install(self, cibadmin='sys.exit(1)')
        self.assertEqual([], list(self.service.resume(
            undos, clock.boottime())))
        self.assertIn('cibadmin', self.service.missing({})[0])

    def test_a_mode_that_is_not_taken_is_told(self):
        self.cluster()
        with self.assertRaisesRegex(errors.NodeError, 'has not taken'):
            self.service.wait([{}], clock.boottime() + 5, None)

    def test_a_cluster_that_is_not_there_yet_is_waited_for(self):
        self.cluster()
        undos = self.quiesce('a')
        standins.install(self, cibadmin='''
if os.path.exists(%r):
    os.remove(%r)
    sys.exit(1)
''' % ((self.write('not-yet'),) * 2) + standins.CIBADMIN)
        self.assertEqual(undos, self.resume('a', undos))
        self.assertEqual({}, self.properties())

    def test_a_cluster_that_leaves_while_it_is_asked_leaves_the_undo(self):
        self.cluster()
        undos = self.quiesce('a')
        before = self.service.before()
        standins.install(self, crm_mon='sys.exit(1)')
        self.assertEqual([], list(self.service.resume(
            undos, clock.boottime())))
        self.assertEqual('true', self.properties()['maintenance-mode'])
        self.assertEqual(['Pacemaker does not answer'],
                         self.service.missing(before))

    def test_where_it_does_not_answer_nothing_is_tried_again(self):
        self.cluster()
        standins.install(self, crm_mon='sys.exit(1)')
        standins.process(self, 'pacemakerd')
        self.assertEqual([], self.service.retry_failed({}))


class CephTest(base.NodeTest):

    def test_a_flag_that_is_not_unset_is_tried_again_while_there_is_time(
            self):
        standins.scripts(self, ceph='rm %s && exit 1\necho $* > %s' % (
            self.write('not-yet'), self.path('said')))
        undos = [{'kind': 'ceph', 'thing': 'noout'}]
        self.assertEqual([], list(ceph.Ceph().resume(undos, 0)))
        self.write('not-yet')
        self.assertEqual(undos, list(ceph.Ceph().resume(
            undos, clock.boottime() + 60)))
        with open(self.path('said')) as handle:
            self.assertIn('osd unset noout', handle.read())

    def test_while_nobody_can_tell_of_its_tool_the_undo_is_left(self):
        standins.scripts(self, podman='exit 125')
        standins.only(self)
        undos = [{'kind': 'ceph', 'thing': 'noout'}]
        self.assertEqual([], list(ceph.Ceph().resume(undos, 0)))

    def test_monitors_keep_the_quorum(self):
        standins.units(self, **{'ceph-mon@c-0__service': {},
                                'ceph-mds@c-0__service': {}})
        self.assertEqual([['ceph-mds@c-0.service']],
                         names(registry.stages(['ceph*'], 'stop')))
