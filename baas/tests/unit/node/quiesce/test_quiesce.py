# SPDX-License-Identifier: Apache-2.0
from baas.node import errors
from baas.node import journal
from baas.node.quiesce import quiesce
from baas.node.quiesce import wait_healthy
from baas.node.services import engines
from baas.tests.unit.node import base
from baas.tests.unit.node import standins


class NotedTest(base.NodeTest):

    def note(self, *names):
        """Write down that containers are quiesced; give what is pending."""
        undos = [{'kind': 'podman', 'thing': name, 'mode': 'stop'}
                 for name in names]
        with journal.edit('a', 1) as opened:
            quiesce._record_stages(opened, [[(engines.Podman(), undos)]])
        return [(undo['thing'], undo['stage'])
                for undo in journal.load()['undos']]

    def test_what_is_quiesced_again_is_to_be_undone_once(self):
        journal.begin('a', 1, 'backup')
        self.assertEqual([('one', 1)], self.note('one'))
        self.assertEqual([('one', 1), ('two', 2)], self.note('one', 'two'))


class RefuseTest(base.NodeTest):

    def test_what_cannot_be_quiesced_that_way_is_refused(self):
        standins.units(self, a__service={})
        with self.assertRaisesRegex(errors.NodeError, 'no quiesce mode doze'):
            quiesce._stages(['a.service'], 'doze')


class LateTest(base.NodeTest):

    def hint(self, arranged):
        journal.begin('a', 1, 'backup')
        with self.assertRaises(errors.NodeError) as caught:
            with journal.edit('a', 1) as opened:
                quiesce._demand_token(opened, arranged)
        return caught.exception.hint

    def test_a_node_that_is_late_is_told_by_which_limit(self):
        arranged = quiesce.Arrangement('freeze')
        self.assertIn('slow on this node', self.hint(arranged))
        arranged.begin(20)
        self.assertIn('[quiesce] deadman_timeout', self.hint(arranged))


class HealthyTest(base.NodeTest):

    def test_who_lacks_in_pacemaker_is_named_and_so_is_a_lost_quorum(self):
        standins.cluster(self, 'a', {'a': True, 'b': False})
        found = {}
        self.assertEqual(
            ['Pacemaker has quorum, missing: b'],
            wait_healthy._pacemaker({'online': ['a', 'b']}, found))
        self.assertEqual(['a'], found['pacemaker']['online'])
        self.assertEqual(
            [], wait_healthy._pacemaker({'online': ['a']}, found))
        standins.scripts(self, crm_mon='exit 1')
        self.assertEqual(
            ['Pacemaker has no quorum, missing: a'],
            wait_healthy._pacemaker({'online': ['a']}, found))
