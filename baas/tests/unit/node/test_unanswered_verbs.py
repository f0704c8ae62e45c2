# SPDX-License-Identifier: Apache-2.0
"""What verbs do about what does not answer."""
import json
import os

from baas.node.backup import check
from baas.node.cluster import membership
from baas.node.cluster import rabbitmq
from baas.node import errors
from baas.node import journal
from baas.node import paths
from baas.node.quiesce import quiesce
from baas.node.quiesce import resume
from baas.node.quiesce import wait_healthy
from baas.node import request
from baas.node.restore import service_hold
from baas.node.services import base as services
from baas.node.services import database as databases
from baas.node.services import registry
from baas.node.snapshots import snapshot
from baas.node.system import clock
from baas.node.system import presence
from baas.tests.unit.node import base
from baas.tests.unit.node import standins

FAILS = 'echo no luck >&2; exit 1'


class FreezeTest(base.NodeTest):

    def test_no_freeze_beside_a_cluster_that_does_not_answer(self):
        standins.units(self, a__service={})
        standins.scripts(self, crm_mon='exit 102', mariadb=FAILS)
        standins.process(self, 'pacemakerd')
        with self.assertRaisesRegex(errors.Unknown, 'crm_mon ended with 102'):
            registry.stages(['a.service'], services.FREEZE)

    def test_no_rest_while_podman_does_not_answer(self):
        standins.units(self, a__service={})
        standins.scripts(self, podman='exit 125')
        with self.assertRaisesRegex(errors.Unknown, 'podman.*125'):
            registry.stages(['podman:*'], services.STOP)


class VerbTest(base.NodeTest):

    def setUp(self):
        super().setUp()
        standins.units(self, a__service={})
        standins.scripts(self, mariadb=FAILS, crm_mon=FAILS,
                         rabbitmqctl=FAILS)

    def check(self):
        return check.check(request.Request('check', base.JOB, 1, {}))

    def test_a_check_fails_for_what_does_not_answer(self):
        standins.process(self, 'pacemakerd')
        standins.process(self, 'mariadbd')
        with self.assertRaises(errors.NodeError) as caught:
            self.check()
        result = caught.exception.result
        self.assertEqual(['database', 'galera', 'pacemaker'], sorted(
            name for name in result['unanswered'] if name != 'restic'))
        causes = ' '.join(one['cause'] for one in result['problems'])
        self.assertIn('crm_mon ended with 1: no luck', causes)
        self.assertIn('database server runs', causes)

    def test_rest_is_refused_when_a_cluster_is_gone_meanwhile(self):
        for name, key in (('Pacemaker', 'pacemaker'), ('Galera', 'galera'),
                          ('RabbitMQ', 'rabbitmq')):
            with self.assertRaisesRegex(errors.NodeError, name):
                quiesce._refuse_gone({key: {'size': 3}})
        quiesce._refuse_gone({'pacemaker': None, 'galera': None})

    def settle(self, wait):
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            opened.measured(galera={'size': 3},
                            pacemaker={'online': ['c-0']})
        return wait_healthy.wait_healthy(request.Request(
            'wait_healthy', base.JOB, 1, {'wait': wait}))

    def test_settle_waits_for_what_does_not_answer_and_names_it(self):
        standins.process(self, 'pacemakerd')
        standins.process(self, 'mariadbd')
        began = clock.boottime()
        with self.assertRaises(errors.NodeError) as caught:
            self.settle(2)
        self.assertGreaterEqual(clock.boottime() - began, 2)
        self.assertIn('crm_mon ended with 1', caught.exception.cause)
        self.assertIn('database server runs', caught.exception.cause)

    def add_undo(self, *undos):
        journal.begin(base.JOB, 1, 'backup')
        with journal.edit(base.JOB, 1) as opened:
            for undo in undos:
                opened.add_undo(undo)

    def test_what_cannot_be_asked_keeps_nothing_else_from_coming_back(self):
        standins.units(self, a__service={'ActiveState': 'inactive'})
        standins.scripts(self, podman='exit 125')
        self.add_undo({'kind': 'unit', 'unit': 'a.service', 'was': 'active',
                       'stage': 1},
                      {'kind': 'podman', 'thing': 'web', 'mode': 'stop',
                       'stage': 2})
        with self.assertRaisesRegex(errors.NodeError, 'podman:web'):
            resume.undo(1, base.JOB, 1)
        self.assertEqual('active', standins.read(
            self, 'units.json')['a.service']['ActiveState'])
        self.assertEqual(['podman'], [
            undo['kind'] for undo in journal.load()['undos']])

    def test_a_lag_of_a_database_that_does_not_answer_is_still_owed(self):
        standins.process(self, 'mariadbd')
        self.add_undo({'kind': 'desync'})
        with self.assertRaisesRegex(errors.NodeError, 'does not answer'):
            resume.undo(1, base.JOB, 1)
        self.assertEqual([{'kind': 'desync'}], journal.load()['undos'])

    def test_a_lag_that_is_ended_is_owed_no_more(self):
        standins.scripts(self, mariadb='''case "$*" in
*SELECT*) echo 1 ;;
*) echo "$*" > %s ;;
esac''' % self.path('said'))
        self.add_undo({'kind': 'desync'})
        resume.undo(1, base.JOB, 1)
        self.assertEqual([], journal.load()['undos'])
        with open(self.path('said')) as handle:
            self.assertIn('wsrep_desync=OFF', handle.read())

    def test_a_freeze_that_has_ended_early_spoils_the_snapshots(self):
        undo = {'kind': 'database', 'thing': 'database', 'mode': 'freeze'}
        with self.assertRaisesRegex(errors.NodeError,
                                    'No longer quiesced.*: database'):
            snapshot._refuse_resumed_early({'undos': [undo]})
        snapshot._refuse_resumed_early({'undos': [dict(undo, mode='stop')]})

    def test_what_somebody_starts_in_between_spoils_the_snapshots_too(self):
        standins.units(self, web__service={})
        standins.containers(self, box=None)
        undos = [{'kind': 'unit', 'unit': 'web.service', 'was': 'active'},
                 {'kind': 'podman', 'thing': 'box', 'mode': 'stop'}]
        with self.assertRaisesRegex(
                errors.NodeError, 'No longer quiesced.*: web.service, box'):
            snapshot._refuse_resumed_early({'undos': undos})
        standins.units(self, web__service={'ActiveState': 'inactive'})
        boxes = standins.read(self, 'containers.json')
        boxes['box']['State']['Status'] = 'exited'
        self.write('containers.json', json.dumps(boxes))
        snapshot._refuse_resumed_early({'undos': undos})

    def test_a_lock_that_nobody_can_tell_of_is_still_owed(self):
        standins.process(self, 'mariadbd')
        self.add_undo()
        with journal.edit(base.JOB, 1) as opened:
            opened.watched({'connection': 7, 'pid': 1, 'start': 0})
        undo = {'kind': 'database', 'thing': 'database', 'mode': 'freeze'}
        began = clock.boottime()
        self.assertEqual([], list(databases.Database().resume(
            [undo], began + 60)))
        self.assertLess(clock.boottime() - began, 30)
        with self.assertRaises(errors.Unknown):
            databases.Database().resumed_early([undo])

    def test_a_lock_that_stays_is_ended_with_its_session(self):
        standins.scripts(self, mariadb='''case "$*" in
*KILL*) echo "$*" >> {0} ;;
*) test -e {0} && echo 0 || echo 1 ;;
esac'''.format(self.path('killed')))
        self.add_undo()
        undo = {'kind': 'database', 'thing': 'database', 'mode': 'freeze'}
        # Nobody has told of a lock.
        self.assertEqual(['database'],
                         databases.Database().resumed_early([undo]))
        with journal.edit(base.JOB, 1) as opened:
            opened.watched({'connection': 7, 'pid': 1, 'start': 0})
        self.assertEqual([], databases.Database().resumed_early([undo]))
        self.assertEqual([undo], list(databases.Database().resume(
            [undo], clock.boottime() + 60)))
        with open(self.path('killed')) as handle:
            self.assertRegex(handle.read(), 'KILL 7')

    def test_peers_of_a_broker_are_looked_for_without_complaint(self):
        # No rabbitmqctl here, and podman cannot tell of one in a container.
        standins.scripts(self, podman='exit 125')
        self.addCleanup(setattr, membership, 'rabbitmqctl',
                        membership.rabbitmqctl)

        def silent():
            raise presence.unanswered(['podman', 'ps'], 125, '', 'Look.')
        membership.rabbitmqctl = silent
        rabbitmq.find_peers()

    def test_members_are_waited_for_while_corosync_does_not_say(self):
        standins.scripts(self, **{'corosync-quorumtool': FAILS})
        with self.assertRaisesRegex(errors.NodeError, 'quorumtool'):
            service_hold._meet(request.Request('start_services', base.JOB, 1,
                                               {}), 3,
                               clock.boottime() + 1)

    def test_places_of_processes_are_of_this_test_alone(self):
        self.assertEqual([], os.listdir(paths.PROC))
