# SPDX-License-Identifier: Apache-2.0
from baas.node import journal
from baas.node.quiesce import quiesce
from baas.node.services import podman
from baas.tests.unit.node import base


class NotedTest(base.NodeTest):

    def note(self, *names):
        """Write down that containers are quiesced; give what is pending."""
        undos = [{'kind': 'podman', 'thing': name, 'mode': 'stop'}
                 for name in names]
        with journal.edit('a', 1) as opened:
            quiesce._record_stage(opened, [(podman.Podman(), undos)])
        return [(undo['thing'], undo['stage'])
                for undo in journal.load()['undos']]

    def test_what_is_quiesced_again_is_to_be_undone_once(self):
        journal.begin('a', 1, 'backup')
        self.assertEqual([('one', 1)], self.note('one'))
        self.assertEqual([('one', 1), ('two', 2)], self.note('one', 'two'))
