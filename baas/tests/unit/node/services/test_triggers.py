# SPDX-License-Identifier: Apache-2.0
"""What starts units by itself, and what systemd says of it."""
import json

from baas.node.services import base as services
from baas.node.services import registry
from baas.node.services import starting
from baas.node.services import systemd
from baas.node.system import clock
from baas.node.system import systemd as system_systemd
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

# As systemd 252 of Debian 12 has said, of a service, an alias, a timer, a
# socket, a path and a service that is not there, in the order asked for.
SHOWN = '''ControlGroup=/system.slice/sock.service
Id=sock.service
Names=sock.service
TriggeredBy=sock.socket
ActiveState=active

ControlGroup=/system.slice/name.service
Id=name.service
Names=name.service alias.service
TriggeredBy=
ActiveState=active

Id=one.timer
Names=one.timer
TriggeredBy=
ActiveState=active

ControlGroup=/system.slice/sock.socket
Id=sock.socket
Names=sock.socket
TriggeredBy=
ActiveState=active

Id=file.path
Names=file.path
TriggeredBy=
ActiveState=active

ControlGroup=
Id=ghost.service
Names=ghost.service
TriggeredBy=
ActiveState=inactive
'''
NAMES = ['sock.service', 'alias.service', 'one.timer', 'sock.socket',
         'file.path', 'ghost.service']
ONESHOT = {'Type': 'oneshot', 'RemainAfterExit': 'no'}
DOWN = {'ActiveState': 'inactive'}


def timer(*services, **more):
    return dict(Triggers=' '.join(services), **more)


class ShowTest(base.NodeTest):

    def test_what_is_said_is_known_by_name_and_not_by_position(self):
        standins.scripts(self, systemctl='cat <<END\n%s\nEND' % SHOWN)
        shown = system_systemd.show(NAMES, ['ControlGroup', 'ActiveState'])
        self.assertEqual(NAMES, list(shown))
        self.assertEqual('/system.slice/sock.socket',
                         shown['sock.socket']['ControlGroup'])
        self.assertEqual('/system.slice/name.service',
                         shown['alias.service']['ControlGroup'])
        self.assertNotIn('ControlGroup', shown['one.timer'])

    def test_a_template_is_not_asked_for(self):
        standins.scripts(self, systemctl='exit 1')
        self.assertEqual('not-found', system_systemd.show(
            ['each@.service'], ['ActiveState'])['each@.service']['LoadState'])


class FindTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        standins.units(
            self, live__service={}, tick__service=dict(DOWN, **ONESHOT),
            idle__service=DOWN, live__socket=timer('live.service'),
            tick__timer=timer('tick.service'),
            idle__socket=timer('idle.service'),
            each__socket={'Accept': 'yes', 'Triggers': ''},
            file__path=timer('tick.service', 'other.service'),
            other__timer=timer('other.service'), other__service=DOWN,
            off__timer=timer('tick.service', **DOWN))
        standins.install(self, mariadb='print(1)')

    def find(self, mode, *items):
        return systemd.Systemd().find(items, services.NodeView(mode, items))

    def test_what_would_start_a_unit_of_the_list_stops_before_it(self):
        self.assertEqual(['live.socket', 'live.service'],
                         self.find('stop', 'live'))

    def test_it_rests_though_its_unit_does_not_run_at_the_moment(self):
        self.assertEqual(['file.path', 'tick.timer'],
                         self.find('stop', 'tick.service'))
        self.assertEqual(['idle.socket'], self.find('stop', 'id*.service'))
        self.assertEqual(['each.socket'], self.find('stop', 'each@*'))

    def test_in_a_freeze_rests_what_may_start_something_else(self):
        names = 'live', 'tick', 'idle', 'each@*'
        self.assertEqual(
            ['each.socket', 'file.path', 'idle.socket', 'tick.timer'],
            [name for name in self.find('freeze', *names)
             if name != 'live.service'])

    def test_what_may_never_stop_is_not_stopped_for_what_it_starts(self):
        standins.units(self, **{'systemd-x__timer': timer('a.service'),
                                'a__service': DOWN})
        with self.assertRaisesRegex(Exception, 'systemd-x.timer'):
            self.find('stop', 'a.service')

    def test_health_checks_of_podman_are_left_to_it(self):
        box = '0123456789abcdef' * 4
        standins.units(self, a__service={}, **{
            box + '__timer': timer(box + '.service'), box + '__service': {}})
        self.assertEqual(['a.service'], self.find('stop', '*'))

    def test_what_cannot_be_started_again_is_refused(self):
        standins.units(
            self, gone__timer=timer('a.service', Transient='yes'),
            a__service=DOWN, b__service={'RefuseManualStart': 'yes'})
        for mode in ('stop', 'freeze'):
            stages = registry.stages(['a.service'], mode)
            [problem] = registry.problems(stages, mode)
            self.assertIn('gone.timer is gone once it stops',
                          problem['cause'])
        [problem] = registry.problems(registry.stages(['b'], 'stop'), 'stop')
        self.assertIn('b.service', problem['cause'])


class RestTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        standins.units(
            self, tick__service=dict(DOWN, **ONESHOT),
            tick__timer=timer('tick.service'), live__service={},
            live__socket=timer('live.service'),
            long__service=dict(ONESHOT, ActiveState='activating'))
        self.service = systemd.Systemd()

    def state(self, name):
        return standins.read(self, 'units.json')[name]['ActiveState']

    def put(self, name, state):
        found = standins.read(self, 'units.json')
        found[name]['ActiveState'] = state
        self.write('units.json', json.dumps(found))

    def test_what_a_timer_started_at_the_last_moment_is_waited_for(self):
        undos = self.service.plan_undos(['tick.timer'], 'stop')
        self.assertEqual(['tick.service'], undos[0]['starts'])
        self.service.quiesce(undos, clock.boottime() + 5, None)
        self.put('tick.service', 'activating')
        with self.assertRaisesRegex(Exception, 'tick.service .activating'):
            self.service.wait(undos, clock.boottime() + 0.1, None)
        self.put('tick.service', 'inactive')
        self.service.wait(undos, clock.boottime() + 5, None)

    def test_a_trigger_stops_in_a_freeze_and_is_awake_when_it_runs(self):
        undos = self.service.plan_undos(['tick.timer'], 'freeze')
        self.service.quiesce(undos, clock.boottime() + 5, object())
        self.service.wait(undos, clock.boottime() + 5, object())
        self.assertEqual('inactive', self.state('tick.timer'))
        self.assertEqual([], self.service.resumed_early(undos))
        self.assertEqual(undos, list(self.service.resume(
            undos, clock.boottime() + 5)))
        self.assertEqual(['tick.timer'], self.service.resumed_early(undos))

    def test_sockets_come_back_before_services_and_timers_after(self):
        undos = self.service.plan_undos(
            ['tick.timer', 'live.service', 'live.socket'], 'stop')
        self.service.quiesce(undos, clock.boottime() + 5, None)
        list(self.service.resume(undos, clock.boottime() + 5))
        self.assertEqual(
            ['start live.socket', 'start live.service', 'start tick.timer'],
            [line.replace('-- ', '') for line in standins.asked(self)
             if line.startswith('start')])

    def test_what_ends_by_itself_is_started_once_and_need_not_run(self):
        undos = self.service.plan_undos(['long.service'], 'stop')
        self.put('long.service', 'inactive')
        standins.scripts(self, systemctl='''
case $1 in
show) printf 'Id=long.service\\nActiveState=inactive\\n' ;;
start) echo started >> %s ;;
esac''' % self.path('started'))
        self.assertEqual(undos, list(self.service.resume(
            undos, clock.boottime() + 5)))
        with open(self.path('started')) as handle:
            self.assertEqual(['started\n'], handle.readlines())

    def test_one_that_was_frozen_and_has_ended_is_not_started(self):
        undo = {'kind': 'unit', 'unit': 'long.service', 'was': 'activating',
                'mode': 'freeze', 'groups': [], 'passing': True}
        self.put('long.service', 'inactive')
        self.assertEqual([undo], list(self.service.resume(
            [undo], clock.boottime() + 5)))
        self.assertEqual('inactive', self.state('long.service'))

    def test_a_socket_that_was_refused_comes_before_its_service(self):
        self.put('live.socket', 'failed')
        starting.start(['live.socket'], again=['live.socket'])
        self.assertEqual(
            ['stop live.service', 'start live.socket', 'start live.service',
             'start live.socket'],
            [line.replace('-- ', '') for line in standins.asked(self)
             if line.startswith('st')])

    def test_a_service_that_does_not_freeze_is_named(self):
        with self.assertRaisesRegex(Exception, 'live.service does not freeze'):
            self.service.quiesce(
                [{'unit': 'live.service', 'groups': ['/no/such/group']}],
                clock.boottime() + 5, object())

    def test_a_systemd_that_does_not_tell_is_asked_while_there_is_time(self):
        undos = self.service.plan_undos(['live.service'], 'stop')
        standins.scripts(self, systemctl='rm %s && exit 1\n'
                         'echo Id=live.service\necho ActiveState=active'
                         % self.write('not-yet'))
        self.assertEqual(undos, list(self.service.resume(
            undos, clock.boottime() + 60)))
        standins.scripts(self, systemctl='exit 1')
        with self.assertRaisesRegex(Exception, 'systemctl'):
            list(self.service.resume(undos, clock.boottime()))

    def test_what_stops_with_a_unit_is_told_if_it_runs(self):
        standins.units(self, a__service={
            'RequiredBy': 'b.service a.service off.service'}, b__service={},
            off__service=DOWN)
        self.assertEqual(
            ['a.service', 'b.service'], system_systemd.with_pulled(
                ['a.service'], ['a.service', 'b.service']))

    def test_one_that_systemd_refuses_keeps_no_other_from_starting(self):
        self.put('live.service', 'inactive')
        starting.start(['a-ghost.service', 'live.service'])
        self.assertEqual('active', self.state('live.service'))
