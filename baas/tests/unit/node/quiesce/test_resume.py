# SPDX-License-Identifier: Apache-2.0
"""The order in which a node comes back: databases before who uses them."""
from baas.node import journal
from baas.node.quiesce import quiesce
from baas.node.quiesce import resume
from baas.node.services import systemd
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

# It joins when it is asked first.
JOINING = '''state=Synced
grep -q joining {asked} || state=Joining
echo "$state" | tr JS js >> {asked}
printf 'wsrep_cluster_size\\t3\\nwsrep_local_state_comment\\t%s\\n' $state
'''
MEMBER = {'state': 'Synced', 'size': 3, 'status': 'Primary', 'index': 1}


class OrderTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, resume, '_STAGE', resume._STAGE)
        standins.scripts(self, mariadb=JOINING.format(
            asked=self.path('asked')))
        standins.process(self, 'mariadbd')

    def resume(self, database, galera=MEMBER, mode='stop', wait=300):
        """Resume a node on which a web server and then what brings a database
        were stopped; give in what order what happened."""
        units = {'ActiveState': 'inactive' if mode == 'stop' else 'active'}
        standins.units(self, **{'web__service': units,
                                database.replace('.', '__'): units})
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.measured(galera=galera)
            quiesce._record_stages(opened, [
                [(systemd.Systemd(), [
                    {'kind': 'unit', 'unit': name, 'was': 'active',
                     'mode': mode, 'groups': []}])]
                for name in ('web.service', database)])
        began = clock.boottime()
        resume.undo(wait, base.JOB, 1)
        self.assertEqual([], journal.load()['undos'])
        self.took = clock.boottime() - began
        return [line for line in standins.asked(self) if line in (
            'joining', 'synced') or line.startswith('start')]

    def test_who_uses_a_database_of_the_cluster_manager_starts_after_it(self):
        self.assertEqual(
            ['start pacemaker.service', 'joining', 'synced',
             'start web.service'], self.resume('pacemaker.service'))

    def test_a_server_in_a_container_is_waited_for_too(self):
        self.assertEqual(
            ['start kolla-mariadb-container.service', 'joining', 'synced',
             'start web.service'],
            self.resume('kolla-mariadb-container.service'))

    def test_where_no_member_was_nobody_waits_for_one(self):
        self.assertEqual(['start pacemaker.service', 'start web.service'],
                         self.resume('pacemaker.service', galera=None))

    def test_what_brings_no_database_is_not_waited_for(self):
        self.assertEqual(['start other.service', 'start web.service'],
                         self.resume('other.service'))

    def test_what_was_frozen_waits_for_nobody(self):
        self.assertEqual([], self.resume('pacemaker.service', mode='freeze'))

    def test_a_database_that_does_not_come_back_keeps_nobody_for_ever(self):
        standins.scripts(self, mariadb='echo joining >> %s; exit 1'
                         % self.path('asked'))
        resume._STAGE = 3
        found = self.resume('pacemaker.service')
        self.assertEqual('start web.service', found[-1])
        self.assertIn('joining', found)
        self.assertGreater(self.took, 2.5)

    def test_with_little_time_left_services_start_at_once(self):
        self.assertEqual(['start pacemaker.service', 'start web.service'],
                         self.resume('pacemaker.service', wait=30))
