# SPDX-License-Identifier: Apache-2.0
"""What is quiesced, in which order, and what is refused."""
import json
import os

from baas.node.services import base as services
from baas.node.services import containers
from baas.node.services import podman
from baas.node.services import registry
from baas.node.services import systemd
from baas.node.system import cgroups
from baas.node.system import clock
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

SOON = 5


def names(stages):
    return [[service.name(thing) for service, things in stage
             for thing in things] for stage in stages]


class OrderTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        standins.units(self, a__service={}, b__service={}, c__service={},
                       b__timer={}, ssh__service={})
        standins.install(self, mariadb='print(1)')

    def test_each_entry_is_a_stage_in_the_order_of_the_list(self):
        found = registry.stages(['b.service', ['a*', 'c.service']], 'stop')
        self.assertEqual(
            [['b.service'], ['a.service', 'c.service']], names(found))

    def test_what_two_entries_mean_rests_once(self):
        found = registry.stages(['a.service', '*'], 'stop')
        self.assertEqual('a.service', names(found)[0][0])
        self.assertEqual(1, names(found)[1].count('b.service'))
        self.assertNotIn('a.service', names(found)[1])

    def test_the_way_in_never_rests(self):
        self.assertEqual([], registry.stages(['ssh*'], 'stop'))

    def test_an_unknown_way_is_refused_by_name(self):
        [problem] = registry.problems([], 'doze')
        self.assertIn('doze', problem['cause'])

    def test_a_node_of_the_first_control_groups_cannot_freeze(self):
        self.addCleanup(setattr, cgroups, '_MOUNTS', cgroups._MOUNTS)
        cgroups._MOUNTS = self.write(
            'mounts', 'cgroup /sys/fs/cgroup/systemd cgroup rw 0 0\n')
        [problem] = registry.problems(
            registry.stages(['c.service'], 'stop'), 'freeze')
        self.assertRegex(problem['cause'], 'version 2.*c.service')
        self.assertIsNone(cgroups.folder('/system.slice'))

    def test_a_unit_without_a_control_group_cannot_freeze(self):
        standins.units(self, a__service={'ControlGroup': '/of/nobody'})
        stages = registry.stages(['a.service'], 'freeze')
        [problem] = registry.problems(stages, 'freeze')
        self.assertIn('a.service', problem['cause'])

    def test_what_keeps_the_cluster_is_not_frozen(self):
        standins.units(self, pacemaker__service={}, corosync__service={},
                       sbd__service={}, mariadb__service={}, x__service={})
        self.assertEqual([['x.service'], ['database']],
                         names(registry.stages(['*'], 'freeze')))

    def test_unknown_names_and_prefixes_are_told_and_globs_are_not(self):
        self.assertEqual(['fridge:x', 'ghost'], registry.unknown(
            ['a', 'b.timer', 'ghost*', 'ghost', 'fridge:x']))


class PodmanTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        standins.units(self, api__service={}, other__service={})
        standins.containers(self, mysql=None, web=None, api='api.service')
        self.service = podman.Podman()

    def find(self, items, mode='stop'):
        seen = services.NodeView(mode, items)
        return self.service.find(
            [item for item in items if 'podman:' in item], seen)

    def quiesce(self, things, mode, watchdog=None):
        undos = self.service.plan_undos(things, mode)
        until = clock.boottime() + SOON
        self.service.quiesce(undos, until, watchdog)
        self.service.wait(undos, until, watchdog)
        return undos

    def state(self):
        return {name: box['State']['Status'] for name, box
                in standins.read(self, 'containers.json').items()}

    def test_a_container_of_a_chosen_unit_is_left_to_it(self):
        self.assertEqual(['mysql', 'web'],
                         self.find(['podman:*', 'api.service']))
        self.assertEqual(['api', 'mysql', 'web'],
                         self.find(['podman:*', 'other.service']))

    def test_what_is_no_container_is_not_looked_for_among_them(self):
        standins.install(self, podman='sys.exit(125)')
        self.assertEqual([], self.service.find(
            ['fence:web', 'api.service'],
            services.NodeView('stop', ['fence:web', 'api.service'])))

    def test_a_container_of_pacemaker_is_left_to_it(self):
        standins.install(self, crm_mon='print(\'<x><resource id="web" '
                         'resource_agent="ocf:heartbeat:podman"/></x>\')')
        self.assertEqual(['api', 'mysql'], self.find(['podman:*']))
        self.assertEqual(['api', 'web'], self.find(['podman:*'], 'freeze'))

    def test_databases_stop_last_and_are_never_frozen(self):
        self.assertEqual(
            [['podman:api', 'podman:web'], ['podman:mysql']],
            names(registry.stages(['podman:*'], 'stop')))
        self.assertEqual(['api', 'web'], self.find(['podman:*'], 'freeze'))

    def test_the_service_itself_never_rests(self):
        standins.containers(self, web=None, baas_conductor=None)
        self.assertEqual(['web'], self.find(['podman:*']))
        self.assertEqual(['web'], self.find(['podman:*'], 'freeze'))
        standins.units(self, **{'tripleo_baas_api__service': {},
                                'baas-conductor__service': {},
                                'tripleo_keystone__service': {}})
        self.assertEqual([['tripleo_keystone.service']],
                         names(registry.stages(['tripleo_*', 'baas-*'],
                                               'stop')))

    def test_a_cluster_in_containers_never_rests(self):
        standins.containers(
            self, web=None, hacluster_corosync=None, hacluster_pacemaker=None,
            hacluster_pacemaker_remote=None, member=None)
        boxes = standins.read(self, 'containers.json')
        boxes['member']['ImageName'] = 'quay.io/kolla/hacluster-corosync:1'
        self.write('containers.json', json.dumps(boxes))
        for mode in ('stop', 'freeze'):
            self.assertEqual(['web'], self.find(
                ['podman:*', 'podman:hacluster_pacemaker'], mode))

    def test_units_of_a_cluster_in_containers_never_rest(self):
        standins.units(self, **{
            f'kolla-{name}-container__service': {} for name in (
                'hacluster_corosync', 'hacluster_pacemaker',
                'hacluster_pacemaker_remote', 'keystone')})
        for mode in ('stop', 'freeze'):
            found = systemd.Systemd().find(
                ['kolla-*', 'kolla-hacluster_corosync-container.service'],
                services.NodeView(mode, ['kolla-*']))
            self.assertLessEqual(set(found),
                                 {'kolla-keystone-container.service'})
        self.assertEqual(
            [['kolla-keystone-container.service']],
            names(registry.stages(['kolla-*'], 'stop')))

    def test_a_unit_that_runs_this_program_does_not_stop(self):
        standins.units(self, mine__service={'ControlGroup': cgroups.own()},
                       other__service={})
        stages = registry.stages(['*.service'], 'stop')
        [problem] = registry.problems(stages, 'stop')
        self.assertIn('mine.service', problem['cause'])

    def test_frozen_containers_go_on(self):
        undos = self.quiesce(['web'], 'freeze', object())
        self.assertEqual('paused', self.state()['web'])
        self.assertEqual([], self.service.resumed_early(undos))
        self.assertEqual(undos, list(self.service.resume(
            undos, clock.boottime() + SOON)))
        self.assertEqual('running', self.state()['web'])
        self.assertEqual(['web'], self.service.resumed_early(undos))

    def test_stopped_containers_are_started(self):
        undos = self.quiesce(['web', 'api'], 'stop')
        self.assertEqual('exited', self.state()['web'])
        self.assertEqual(2, len(list(self.service.resume(
            undos, clock.boottime() + SOON))))
        self.assertEqual('running', self.state()['api'])

    def test_one_that_did_not_run_is_neither_stopped_nor_started(self):
        self.quiesce(['web'], 'stop')
        self.assertEqual([], self.service.plan_undos(['web'], 'stop'))

    def test_one_that_does_not_stop_in_time_is_named(self):
        undos = self.service.plan_undos(['web'], 'stop')
        with self.assertRaisesRegex(Exception, r'in time: web \(running\)'):
            self.service.wait(undos, clock.boottime(), None)

    def test_one_that_podman_would_remove_is_refused(self):
        boxes = standins.read(self, 'containers.json')
        boxes['web']['HostConfig'] = {'AutoRemove': True}
        self.write('containers.json', json.dumps(boxes))
        [problem] = self.service.problems(['web', 'api'], 'stop')
        self.assertIn('web', problem['cause'])
        self.assertEqual([], self.service.problems(['web'], 'freeze'))

    def test_without_podman_every_name_is_unknown(self):
        standins.only(self)
        os.remove(self.path('bin', 'podman'))
        self.assertEqual(['podman:web'], registry.unknown(['podman:web']))

    def test_a_process_is_in_its_control_group(self):
        self.assertEqual(cgroups.own(), containers.group(os.getpid()))
        self.assertEqual('', containers.group(0))

    def test_a_name_that_is_not_there_is_unknown(self):
        self.assertEqual(['podman:ghost'], registry.unknown(
            ['podman:web', 'podman:ghost', 'podman:gh*']))
