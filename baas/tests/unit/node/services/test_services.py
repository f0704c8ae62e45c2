# SPDX-License-Identifier: Apache-2.0
"""What is quiesced, in which order, and what is refused."""
import json
import os
import subprocess

from baas.node import errors
from baas.node import paths
from baas.node.services import base as services
from baas.node.services import engines
from baas.node.services import registry
from baas.node.services import systemd
from baas.node.system import cgroups
from baas.node.system import clock
from baas.node.system import containers
from baas.node.system import processes
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

SOON = 60


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


class EngineTest:
    """What each engine that runs containers must do."""

    service = None

    def setUp(self):
        super().setUp()
        self.engine = self.service.kind
        standins.units(self, api__service={}, other__service={})
        self.containers(mysql=None, web=None, api='api.service')

    def containers(self, **more):
        standins.containers(self, self.engine, **more)

    def items(self, *globs):
        return [f'{self.engine}:{glob}' for glob in globs]

    def find(self, globs, mode='stop', units=()):
        items = self.items(*globs)
        return self.service.find(
            items, services.NodeView(mode, items + list(units)))

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
                         self.find(['*'], units=['api.service']))
        self.assertEqual(['api', 'mysql', 'web'],
                         self.find(['*'], units=['other.service']))

    def test_what_is_no_container_is_not_looked_for_among_them(self):
        standins.install(self, **{self.engine: 'sys.exit(125)'})
        self.assertEqual([], self.service.find(
            ['fence:web', 'api.service'],
            services.NodeView('stop', ['fence:web', 'api.service'])))

    def test_a_container_of_pacemaker_is_left_to_it(self):
        standins.install(self, crm_mon='print(\'<x><resource id="web" '
                         'resource_agent="ocf:heartbeat:podman"/></x>\')')
        self.assertEqual(['api', 'mysql'], self.find(['*']))
        self.assertEqual(['api', 'web'], self.find(['*'], 'freeze'))

    def test_databases_stop_last_and_are_never_frozen(self):
        self.assertEqual(
            [self.items('api', 'web'), self.items('mysql')],
            names(registry.stages(self.items('*'), 'stop')))
        self.assertEqual(['api', 'web'], self.find(['*'], 'freeze'))

    def test_the_service_itself_never_rests(self):
        self.containers(web=None, baas_conductor=None)
        self.assertEqual(['web'], self.find(['*']))
        self.assertEqual(['web'], self.find(['*'], 'freeze'))
        standins.units(self, **{'tripleo_baas_api__service': {},
                                'baas-conductor__service': {},
                                'tripleo_keystone__service': {}})
        self.assertEqual([['tripleo_keystone.service']],
                         names(registry.stages(['tripleo_*', 'baas-*'],
                                               'stop')))

    def test_a_cluster_in_containers_never_rests(self):
        self.containers(
            web=None, hacluster_corosync=None, hacluster_pacemaker=None,
            hacluster_pacemaker_remote=None, member=None)
        boxes = standins.read(self, 'containers.json')
        boxes['member']['ImageName'] = 'quay.io/kolla/hacluster-corosync:1'
        self.write('containers.json', json.dumps(boxes))
        for mode in ('stop', 'freeze'):
            self.assertEqual(['web'], self.find(
                ['*', 'hacluster_pacemaker'], mode))

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

    def test_one_that_would_be_removed_is_refused(self):
        boxes = standins.read(self, 'containers.json')
        boxes['web']['HostConfig'] = {'AutoRemove': True}
        self.write('containers.json', json.dumps(boxes))
        [problem] = self.service.problems(['web', 'api'], 'stop')
        self.assertIn('web', problem['cause'])
        self.assertEqual([], self.service.problems(['web'], 'freeze'))

    def test_without_the_engine_every_name_is_unknown(self):
        standins.only(self)
        os.remove(self.path('bin', self.engine))
        for name in os.listdir(paths.PROC):
            os.remove(os.path.join(paths.PROC, name))
        self.assertEqual(self.items('web'),
                         registry.unknown(self.items('web')))

    def test_a_process_is_in_its_control_group(self):
        self.assertEqual(cgroups.own(), containers.group(os.getpid()))
        self.assertEqual('', containers.group(0))

    def test_a_name_that_is_not_there_is_unknown(self):
        self.assertEqual(self.items('ghost'), registry.unknown(
            self.items('web', 'ghost', 'gh*')))


class PodmanTest(EngineTest, base.NodeTest):

    service = engines.Podman()


class DockerTest(EngineTest, base.NodeTest):

    service = engines.Docker()

    def test_a_command_docker_without_its_daemon_is_not_asked(self):
        for name in os.listdir(paths.PROC):
            os.remove(os.path.join(paths.PROC, name))
        standins.install(self, docker='sys.exit(1)')
        self.assertEqual([], self.find(['*']))

    def test_what_its_daemon_has_left_running_is_not_overlooked(self):
        for name in os.listdir(paths.PROC):
            os.remove(os.path.join(paths.PROC, name))
        standins.process(self, 'containerd-shim', '-namespace', 'moby')
        standins.install(self, docker='sys.exit(1)')
        with self.assertRaisesRegex(errors.Unknown, 'docker.*ended with 1'):
            self.find(['*'])


class UnitOfContainerTest(base.NodeTest):
    """A unit of kolla-ansible: what it runs waits for the container."""

    def owners(self, *words):
        script = self.write('bin/' + words[0], '#!/bin/sh\necho\nread line\n')
        os.chmod(script, 0o755)
        child = subprocess.Popen([script, *words[1:]], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        self.addCleanup(child.communicate)
        child.stdout.readline()
        found = [{'engine': 'docker', 'name': name, 'pid': 0, 'monitor': 0,
                  'label': None} for name in ('nova', 'keystone')]
        # A script is a program of its interpreter.
        self.addCleanup(setattr, processes, 'words', processes.words)
        processes.words = lambda pid, asked=processes.words: asked(pid)[1:]
        return {unit: [one['name'] for one in mine] for unit, mine
                in containers.owners({'x.service': ('', str(child.pid))},
                                     found).items()}

    def test_it_is_of_the_container_that_it_has_started(self):
        self.assertEqual({'x.service': ['keystone']},
                         self.owners('docker', 'start', '-a', 'keystone'))

    def test_one_of_another_engine_or_command_is_not(self):
        self.assertEqual({}, self.owners('podman', 'start', '-a', 'keystone'))
        self.assertEqual({}, self.owners('docker', 'logs', '-f', 'keystone'))

    def test_its_database_and_its_broker_stop_last(self):
        units = {f'kolla-{name}-container.service': {} for name in (
            'keystone', 'mariadb', 'rabbitmq', 'ovn_nb_db', 'proxysql')}
        standins.units(self, **{name.replace('.', '__'): values
                                for name, values in units.items()})
        self.assertEqual(
            [['kolla-keystone-container.service',
              'kolla-proxysql-container.service'],
             ['kolla-mariadb-container.service',
              'kolla-ovn_nb_db-container.service',
              'kolla-rabbitmq-container.service']],
            names(registry.stages(['kolla-*.service'], 'stop')))

    def test_what_the_network_of_a_node_goes_through_stays(self):
        standins.units(self, **{
            f'kolla-openvswitch_{name}-container__service': {}
            for name in ('vswitchd', 'db')})
        for mode in services.MODES:
            self.assertEqual([], registry.stages(['kolla-*'], mode))
