# SPDX-License-Identifier: Apache-2.0
"""Which units are to run after a restore, and what is held until then."""
import json

from baas.node import paths
from baas.node.quiesce import wait_healthy
from baas.node.restore import recover
from baas.node.restore import service_hold
from baas.node.system import clock
from baas.node.system import expected_units
from baas.node.system import systemd as system_systemd
from baas.node.system import triggers
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

ONESHOT = {'Type': 'oneshot', 'RemainAfterExit': 'no'}
DOWN = {'ActiveState': 'inactive'}


class LackingTest(base.NodeTest):

    def test_what_waits_for_its_socket_or_has_ended_is_not_lacking(self):
        standins.units(
            self, down__service=DOWN, waits__service=dict(
                DOWN, TriggeredBy='waits.socket'), waits__socket={},
            ended__service=dict(DOWN, **ONESHOT),
            broken__service={'ActiveState': 'failed',
                             'TriggeredBy': 'waits.socket'},
            alone__service=dict(DOWN, TriggeredBy='off.socket'),
            off__socket=DOWN, well__service={})
        self.assertEqual(
            ['alone.service is inactive', 'broken.service is failed',
             'down.service is inactive'],
            system_systemd.lacking(['down.service', 'waits.service',
                                    'ended.service',
                                    'broken.service', 'alone.service',
                                    'well.service']))

    def test_it_is_told_in_what_way_a_unit_has_failed(self):
        failed = {'ActiveState': 'failed', 'Result': 'exit-code'}
        standins.units(
            self, gone__service=dict(failed, ExecMainStatus='125'),
            killed__service=dict(failed, Result='timeout',
                                 ExecMainStatus='0'),
            again__service=dict(failed, ActiveState='activating',
                                ExecMainStatus='1'),
            off__service=dict(DOWN, Result='success'))
        self.assertEqual(
            ['again.service is activating (exit-code 1)',
             'gone.service is failed (exit-code 125)',
             'killed.service is failed (timeout)', 'off.service is inactive'],
            system_systemd.lacking(['gone.service', 'killed.service',
                                    'again.service', 'off.service']))

    def test_what_a_condition_kept_off_at_the_boot_is_not_lacking(self):
        unmet = {'ConditionResult': 'no', 'ConditionTimestampMonotonic': '7'}
        standins.units(
            self, first__service=dict(DOWN, **unmet),
            # Nobody has asked for it, so nobody has looked.
            never__service=dict(DOWN, **dict(
                unmet, ConditionTimestampMonotonic='0')),
            met__service=dict(DOWN, **dict(unmet, ConditionResult='yes')),
            broken__service=dict(unmet, ActiveState='failed'))
        names = ['first.service', 'never.service', 'met.service',
                 'broken.service']
        wrong = ['broken.service is failed', 'met.service is inactive',
                 'never.service is inactive']
        self.assertEqual(wrong, system_systemd.lacking(names, booted=True))
        # What ran until a backup stopped it has to run again.
        self.assertEqual(sorted(wrong + ['first.service is inactive']),
                         system_systemd.lacking(names))

    def test_what_runs_at_each_boot_is_told(self):
        on = {'UnitFileState': 'enabled'}
        self.addCleanup(setattr, system_systemd, '_BOOTED',
                        system_systemd._BOOTED)
        system_systemd._BOOTED = self.folder
        standins.units(
            self, a__service=on, b__service={'UnitFileState': 'static'},
            c__service=dict(on, **DOWN), d__socket=on, ssh__service=on,
            e__service=dict(on, DropInPaths='/run/systemd/system/'
                            'e.service.d/50-pacemaker.conf'))
        self.assertEqual(['a.service', 'd.socket'], system_systemd.steady())

    def test_a_restored_node_knows_what_ran_and_names_what_does_not(self):
        standins.units(self, a__service={}, b__service=DOWN)
        self.addCleanup(setattr, expected_units, '_FOLDER',
                        expected_units._FOLDER)
        expected_units._FOLDER = paths.STATE.lstrip('/')
        expected_units.write('/', base.JOB, ['a.service', 'b.service'])
        with self.assertRaisesRegex(Exception, 'b.service is inactive'):
            wait_healthy.wait_healthy(self.asked('wait_healthy', wait=0))
        self.assertEqual([], expected_units.read(base.OTHER))
        expected_units.forget(base.OTHER)
        self.assertTrue(expected_units.read(base.JOB))
        expected_units.forget(base.JOB)
        wait_healthy.wait_healthy(self.asked('wait_healthy', wait=0))

    def test_units_that_are_held_still_are_not_waited_for(self):
        standins.units(self, b__service=DOWN)
        self.addCleanup(setattr, expected_units, '_FOLDER',
                        expected_units._FOLDER)
        expected_units._FOLDER = paths.STATE.lstrip('/')
        expected_units.write('/', base.JOB, ['b.service'])
        request = self.asked('start_services')
        request.report = lambda **told: None
        service_hold._wait_healthy(request, {}, clock.boottime() + 1)

    def test_a_restore_hands_on_what_ran_when_the_backup_began(self):
        self.write_journal('var/lib/baas-node/journal.json',
                           before={'active': ['a.service']})
        recover._adapt(self.asked('recover'), self.folder)
        with open(self.path('var/lib/baas-node/expected.json')) as handle:
            self.assertEqual({'job': base.JOB, 'units': ['a.service']},
                             json.load(handle))

    def test_a_node_without_systemd_has_no_units(self):
        self.addCleanup(setattr, system_systemd, '_BOOTED',
                        system_systemd._BOOTED)
        system_systemd._BOOTED = self.path('no-such')
        standins.scripts(self, systemctl='exit 1')
        self.assertEqual([], system_systemd.steady())


class HoldTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        for name, text in (
                ('etc/systemd/system/web.service', ''),
                ('usr/lib/systemd/system/web.socket', '[Socket]\n'),
                ('lib/systemd/system/other.timer', '[Timer]\nUnit=web.service'
                                                   '\n'),
                ('etc/systemd/system/each.socket', '[Socket]\nAccept=yes\n'),
                ('etc/systemd/system/each@.service', ''),
                ('usr/lib/systemd/system/named.socket', '[Socket]\n'),
                ('etc/systemd/system/named.socket.d/a.conf',
                 '[Socket]\nService = web.service\n'),
                ('usr/lib/systemd/system/apart.path', '[Path]\n')):
            self.write(name, text)

    def test_files_tell_what_a_trigger_starts(self):
        self.assertEqual(
            {'web.socket': ['web.service'], 'other.timer': ['web.service'],
             'each.socket': ['each@.service'],
             'named.socket': ['web.service'],
             'apart.path': ['apart.service']},
            triggers.installed(self.folder))

    def test_what_would_start_held_services_is_held(self):
        self.assertEqual(
            ['each.socket', 'each@.service', 'named.socket', 'other.timer',
             'web.service', 'web.socket'],
            service_hold.hold_units(self.folder, ['web.service', 'each@*']))
        self.assertEqual(6, len(service_hold.drop_ins(self.folder)))
