# SPDX-License-Identifier: Apache-2.0
"""Resources of Pacemaker, as its tools tell of them."""
import unittest

from baas.node.backup import release
from baas.node.cluster import pacemaker_resources
from baas.node import errors
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.services import registry
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

# What crm_mon of Pacemaker 2.1.5 said in the lab when a member of Galera had
# failed to join, shortened; the guest is written as that of a bundle.
FAILED = '''<pacemaker-result>
<summary><current_dc with_quorum="true"/></summary>
<nodes><node name="c-0" online="true" type="member"/>
<node name="c-2" online="true" type="member"/>
<node name="box-2" online="true" type="remote" id_as_resource="box-podman-2"/>
</nodes><resources>
<clone id="galera-clone">
<resource id="galera" role="Promoted" active="true" failed="false">
<node name="c-0"/></resource>
<resource id="galera" role="Promoted" active="true" failed="true">
<node name="c-2"/></resource></clone>
<bundle id="box"><replica id="2">
<resource id="box-podman-2" role="Started" active="true" failed="false">
<node name="c-2"/></resource>
<resource id="redis" role="Unpromoted" active="true" failed="false">
<node name="box-2"/></resource></replica></bundle>
<resource id="ip-1" role="Stopped" active="false" failed="false"/>
</resources><failures>
<failure op_key="galera_promote_0" node="c-2" exitstatus="error"/>
<failure op_key="galera_monitor_10000" node="c-0" exitstatus="error"/>
<failure op_key="redis_monitor_20000" node="box-2" exitstatus="error"/>
</failures></pacemaker-result>'''
WELL = {'galera Promoted': 2, 'ip-1 Started': 1, 'redis Unpromoted': 1}


class SeenTest(unittest.TestCase):

    def test_what_failed_does_not_count_as_running(self):
        self.assertEqual(
            {'galera Promoted': 1, 'redis Unpromoted': 1,
             'box-podman-2 Started': 1},
            pacemaker_resources.ClusterView(FAILED, 'c-0').running)

    def test_what_pacemaker_may_not_touch_runs_on_when_it_stops(self):
        text = FAILED.replace(
            'role="Promoted" active="true" failed="true"',
            'role="Promoted" active="true" failed="true" blocked="true"')
        text = text.replace('role="Unpromoted" active="true"',
                            'role="Unpromoted" active="true" managed="false"')
        self.assertEqual(
            ['galera', 'redis'],
            pacemaker_resources.ClusterView(text, 'c-2').left)
        self.assertEqual(
            [], pacemaker_resources.ClusterView(text, 'c-0').left)
        self.assertEqual(
            [], pacemaker_resources.ClusterView(FAILED, 'c-2').left)

    def test_a_node_sees_its_own_failures_and_those_of_its_guests(self):
        self.assertEqual({('galera', 'c-2', 'galera_promote_0'),
                          ('redis', 'box-2', 'redis_monitor_20000')},
                         pacemaker_resources.ClusterView(FAILED,
                                                         'c-2').failures)
        self.assertEqual({('galera', 'c-0', 'galera_monitor_10000')},
                         pacemaker_resources.ClusterView(FAILED,
                                                         'c-0').failures)

    def test_what_runs_less_often_than_before_is_named(self):
        self.assertEqual(
            ['galera Promoted runs 1 of 2 times',
             'ip-1 Started runs 0 of 1 times'],
            pacemaker_resources.lacking(
                WELL, pacemaker_resources.ClusterView(FAILED, 'c-0')))


class MendTest(base.NodeTest):
    """A cluster of which one member has failed on its way back."""

    def setUp(self):
        super().setUp()
        standins.cluster(self, 'c-2', {})
        self.write('said.xml', FAILED)
        self.write('asked', '')
        standins.install(
            self, crm_mon='print(open(%r).read())' % self.path('said.xml'),
            crm_resource='note(" ".join(sys.argv[1:]))')

    def test_a_fresh_failure_is_cleared_for_another_try(self):
        before = {'pacemaker': {'maintenance': False, 'running': WELL,
                                'failed': ['redis_monitor_20000']}}
        self.assertEqual(['galera'], registry.retry_failed(before))
        self.assertEqual(['--cleanup --resource galera --node c-2'],
                         standins.asked(self))

    def test_it_is_not_as_before_until_all_run(self):
        before = {'pacemaker': {'maintenance': False, 'running': WELL,
                                'failed': []}}
        self.assertEqual(2, len(registry.missing(before)))
        self.write('said.xml', FAILED.replace('failed="true"',
                                              'failed="false"')
                   .replace('role="Stopped" active="false" failed="false"/>',
                            'role="Started"><node name="c-0"/></resource>'))
        self.assertEqual([], registry.missing(before))

    def quiesced(self, fired=False):
        """Have a journal of a job that had brought the node to be quiesced."""
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.quiescing('token', 0.0, [], {'services': {'pacemaker': {
                'maintenance': False, 'running': WELL, 'failed': []}}})
            if fired:
                opened.fired()

    def test_a_release_waits_once_for_the_node_to_be_as_before(self):
        self.quiesced()
        with self.assertRaises(errors.NodeError) as caught:
            release.release(self.asked('release', wait=0))
        self.assertIn('galera Promoted runs 1 of 2', str(caught.exception))
        self.assertTrue(journal.is_open(journal.load()))
        release.release(self.asked('release', wait=0))
        self.assertFalse(journal.is_open(journal.load()))

    def test_a_release_mends_what_has_failed(self):
        self.quiesced()
        standins.install(self, crm_resource='''
text = open(%r).read().replace('failed="true"', 'failed="false"').replace(
    'role="Stopped" active="false" failed="false"/>',
    'role="Started"><node name="c-0"/></resource>')
open(%r, 'w').write(text)
''' % (self.path('said.xml'), self.path('said.xml')))
        release.release(self.asked('release', wait=60))
        self.assertFalse(journal.is_open(journal.load()))

    def test_the_dead_man_mends_only_what_nobody_has_seen_well(self):
        self.quiesced(fired=True)
        data = journal.load()
        self.assertTrue(deadman.needs_retry(data))
        self.assertFalse(deadman.needs_retry(dict(data, healthy=True)))
        self.assertFalse(deadman.needs_retry(dict(data, deadman_fired=False)))
        self.assertFalse(deadman.needs_retry(dict(data, undos=[{}])))
