# SPDX-License-Identifier: Apache-2.0
"""Fence devices that stay off, with Pacemaker's own tools on a
configuration in a file."""
import os
import shutil
import unittest

from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node.quiesce import resume
from baas.node.restore import fencing_hold
from baas.node.services import fencing
from baas.node.system import clock
from baas.node.system import command
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

TOOLS = ('cibadmin', 'crm_mon', 'crm_resource')
CIB = '''<cib crm_feature_set="3.0.14" validate-with="pacemaker-3.0" epoch="5"
 num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes/>
<resources>%s<primitive id="vip" class="ocf" provider="heartbeat"
 type="IPaddr2"/></resources><constraints/></configuration><status/></cib>'''
DEVICE = '''<primitive id="%(id)s" class="stonith" type="fence_ipmilan">
<instance_attributes id="%(id)s-i"><nvpair id="%(id)s-h" name="%(name)s"
 value="%(value)s"/></instance_attributes>%(meta)s</primitive>'''
ROLE = '''<meta_attributes id="%(id)s-m"><nvpair id="%(id)s-r"
 name="target-role" value="%(role)s"/></meta_attributes>'''


def device(id, name, value, role=None):
    """Describe a fence device."""
    return DEVICE % {'id': id, 'name': name, 'value': value,
                     'meta': ROLE % {'id': id, 'role': role} if role else ''}


@unittest.skipUnless(all(map(shutil.which, TOOLS)),
                     'pacemaker-cli-utils is not installed')
class FenceTest(base.NodeTest):
    """A cluster of which controller-1 is lost."""

    cibadmin = shutil.which('cibadmin')

    def setUp(self):
        super().setUp()
        self.addCleanup(os.environ.pop, 'CIB_file', None)
        self.have(
            device('own', 'pcmk_host_list', 'controller-1'),
            device('mapped', 'pcmk_host_map', 'controller-1.internal:7',
                   'Started'),
            device('off', 'pcmk_host_list', 'controller-1', 'Stopped'),
            device('other', 'pcmk_host_list', 'controller-2'),
            device('common', 'pcmk_host_list', 'controller-1,controller-2'),
            device('all', 'ip', '192.0.2.1'))
        # The dead-man is systemd's matter.
        os.makedirs(os.path.join(paths.UNITS, 'multi-user.target.wants'))
        standins.install(self, systemctl='''
if sys.argv[1] == 'show':
    print('Id=baas-deadman.service\\nActiveState=active\\n')
''')

    def have(self, *devices):
        os.environ['CIB_file'] = self.write('cib.xml',
                                            CIB % ''.join(devices))

    def roles(self):
        return {id: found['role'] for id, found in fencing._devices().items()}

    def spare(self, *hosts):
        return fencing_hold.suppress_fencing(self.asked('suppress_fencing',
                                                        hosts=hosts or [
                                                            'controller-1'],
                                                        deadman_timeout=600))

    def test_devices_of_that_machine_alone_hold_still(self):
        before = self.roles()
        self.assertEqual({'suppressed': ['mapped', 'own']}, self.spare())
        self.assertEqual({**before, 'mapped': 'Stopped', 'own': 'Stopped'},
                         self.roles())

    def test_each_gets_back_what_it_was_told_before(self):
        before = self.roles()
        self.spare()
        resume.undo(10, base.JOB, 1)
        self.assertEqual(before, self.roles())
        self.assertEqual([], journal.load()['undos'])

    def test_again_what_was_before_is_not_forgotten(self):
        before = self.roles()
        self.spare()
        self.spare()
        resume.undo(10, base.JOB, 1)
        self.assertEqual(before, self.roles())

    def test_it_is_owed_before_it_is_done_and_by_when(self):
        standins.install(self, crm_resource='sys.exit(1)')
        with self.assertRaises(errors.NodeError):
            self.spare()
        data = journal.load()
        self.assertEqual(['mapped', 'own'],
                         [undo['thing'] for undo in data['undos']])
        self.assertGreater(data['deadline'], clock.boottime() + 500)

    def test_what_an_operator_has_done_meanwhile_stays(self):
        self.spare()
        command.run(['crm_resource', '--resource', 'own', '--meta',
                     '--set-parameter', 'target-role', '--parameter-value',
                     'Master'], '')
        self.have(device('own', 'pcmk_host_list', 'controller-1', 'Master'))
        resume.undo(10, base.JOB, 1)
        self.assertEqual({'own': 'Master'}, self.roles())
        self.assertEqual([], journal.load()['undos'])

    def test_a_cluster_that_is_not_there_yet_is_waited_for(self):
        before = self.roles()
        self.spare()
        undos = journal.load()['undos']
        standins.scripts(self, cibadmin='exit 1')
        self.assertEqual([], list(fencing.Fence().resume(
            undos, clock.boottime())))
        standins.scripts(self, cibadmin='rm {0} && exit 1\nexec {1} "$@"'
                         .format(self.write('not-yet'),
                                 os.path.realpath(self.cibadmin)))
        self.assertEqual(undos, list(fencing.Fence().resume(
            undos, clock.boottime() + 60)))
        self.assertEqual(before, self.roles())

    def test_where_there_is_none_nothing_is_begun(self):
        self.assertEqual({'suppressed': []}, self.spare('controller-7'))
        self.assertIsNone(journal.load())

    def test_a_member_without_pacemaker_has_none(self):
        del os.environ['CIB_file']
        self.assertEqual({'suppressed': []}, self.spare())

    def test_nothing_else_that_rests_means_them(self):
        for item in ('*', 'own', 'controller-1', 'podman:*'):
            self.assertEqual([], fencing.Fence().find([item], None), item)
