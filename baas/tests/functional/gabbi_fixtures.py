# SPDX-License-Identifier: Apache-2.0
"""What the YAML files start from."""
import datetime

from gabbi import fixture
import sqlalchemy as sa

from baas.db.coverage import coverages
from baas.db import events
from baas.db.schedule import followers
from baas.db.schedule import schedule_pings
from baas.db.schedule import schedule_runs
from baas.db import session
from baas.db import steps
from baas.jobs.coverage import gaps
from baas.jobs.coverage import report
from baas.jobs import disks
from baas.jobs import restore_plan
from baas.tests import fixtures
from baas.tests.functional import contract

CURRENT = []


def application():
    """Give the way to the application of the running file, every answer of
    which is checked against the document of the API."""
    # Asked for when the files are read, before any of them runs.
    return lambda environ, start_response: CURRENT[-1](
        environ, start_response)


def uuid(number):
    """Make an id that a YAML file can name."""
    return f'00000000-0000-4000-8000-{number:012}'


class Service(fixture.GabbiFixture):
    """The service with an empty history; user admin, password secret."""
    auth = 'http_basic'
    options = {}

    def start_fixture(self):
        self._service = fixtures.BaasFixture(self.auth, self.options)
        self._service.setUp()
        CURRENT.append(contract.Checked(self._service.application))

    def stop_fixture(self):
        CURRENT.pop()
        self._service.cleanUp()


class OpenService(Service):
    """The service as it lets everybody in, with the roles of X-Roles."""
    auth = 'noauth'


class History(Service):
    """Five backups, numbered 1 to 5 from the oldest: a set of two, one of
    the undercloud, one in error and one that is being made."""

    def start_fixture(self):
        super().start_fixture()
        one_set = uuid(101)
        for number, node, more in (
                (1, 'controller-0', {'set_id': one_set}),
                (2, 'controller-1', {'set_id': one_set, 'number': 1}),
                (3, 'undercloud-0', {'target': 'undercloud'}),
                (4, 'controller-0', {'status': 'error', 'error': 'No space.',
                                     'size_bytes': None}),
                (5, 'controller-0', {'status': 'creating', 'name': 'weekly'})):
            fixtures.add_backup(**{'id': uuid(number), 'node': node,
                                   'number': number, **more})


class Labelled(History):
    """The history; 6 has the labels ticket and why, 7 one that differs in
    case, 8 one that has a colon, a comma and letters of many kinds."""

    def start_fixture(self):
        super().start_fixture()
        for number, labels in (
                (6, {'ticket': '4711', 'why': 'before the update'}),
                (7, {'ticket': '4711', 'why': 'Before the update'}),
                (8, {'a.b-c_d': 'x:y,z "\u00fc\U0001f4be" ', 'null': 'null'})):
            fixtures.add_backup(id=uuid(number), number=number,
                                labels=labels)


class Trash(History):
    """The history, where deleted backups are in the trash for three days; and
    the set 110 of two that are there (10 and 11), 12 whose removal has begun
    and 13 that is protected."""
    options = {('storage', 'delete_delay'): '3d'}

    def start_fixture(self):
        super().start_fixture()
        trashed = {'set_id': uuid(110), 'set_size': 2, 'name': 'old',
                   'status': 'trashed', 'trashed_status': 'available',
                   'purge_at': datetime.datetime(2999, 1, 1)}
        for number, more in (
                (10, {**trashed, 'labels': {'ticket': '4711'}}),
                (11, {**trashed, 'node': 'controller-1'}),
                (12, {**trashed, 'set_id': uuid(112), 'status': 'deleting'}),
                (13, {'protected': True})):
            fixtures.add_backup(id=uuid(number), **more)
        fixtures.add_cleanup(id=uuid(501))


class Work(History):
    """The history, and jobs: 201 a backup that failed in its step check, 202
    a restore at work, 203 and 204 restores that are done, 205 one that took
    a set of two with services frozen, 206 one that planned a restore."""

    def start_fixture(self):
        super().start_fixture()
        fixtures.add_job(
            id=uuid(201), state='error', error_node='controller-1',
            error_step='check', error_cause='The node does not answer.',
            error_hint='Switch it on.')
        fixtures.add_job(
            id=uuid(202), kind='restore', state='running', number=9,
            node='controller-0', backup_id=uuid(1), finished_at=None)
        for number in (3, 4):
            fixtures.add_job(
                id=uuid(200 + number), kind='restore', number=number,
                node='controller-1', backup_id=uuid(2))
        self._rested()
        self._planned()
        self._steps()
        for number in range(3):
            events.add(uuid(201), f'Line {number}.', step='check',
                       node='controller-1')

    def _rested(self):
        fixtures.add_job(id=uuid(205), options={'stopall': True}, forecast={
            'outage_seconds': 2.0, 'duration_seconds': 60.0,
            'stored_bytes': 10 ** 8, 'set_id': uuid(101),
            'max_outage_seconds': None, 'back_within_seconds': 600.0,
            'summary': ['The outage is expected to last 2 s.']})
        for node, seconds, outages in (
                ('controller-0', 1.25, {'nova': 1.0, 'galera': 1.25}),
                ('controller-1', 1.5, {'galera': 1.5})):
            fixtures.add_backup(
                set_id=uuid(205), node=node, stopall=True,
                quiesce_mode='freeze',
                outage_seconds=seconds, service_outages=outages,
                client_outage_seconds=1.75)

    def _planned(self):
        fixtures.add_job(
            id=uuid(206), kind='restore-plan', node='controller-0',
            backup_id=uuid(1), plan=restore_plan.build('restore', [{
                'node': 'controller-0', 'restored_as': 'controller-0',
                'backup_id': uuid(1),
                'creation_date': '2026-01-01T00:01:00.000Z',
                'age_seconds': 60.0, 'size_bytes': 10 ** 10,
                'boot_method': 'pxe', 'boot_mode': 'bios', 'boot': 'By PXE',
                'disks': disks.mapping({'filesystems': [
                    {'mountpoint': '/', 'fstype': 'xfs'}]})}]))

    def _steps(self):
        moment = datetime.datetime(2026, 1, 1)
        names = (('check', 'error'), ('prepare', 'skipped'),
                 ('release', 'done'))
        with session.writer() as connection:
            for position, (name, state) in enumerate(names):
                connection.execute(sa.insert(steps.STEPS).values(
                    job_id=uuid(201), position=position, name=name,
                    state=state, percent=0, task='asking', started_at=moment,
                    nodes={'controller-1': {'state': 'error'}}))
            connection.execute(sa.insert(steps.STEPS).values(
                job_id=uuid(202), position=0, name='recover',
                state='running', percent=50, task='reading', nodes={}))


class Sets(Work):
    """The history and the jobs, and sets: 102 of which the backup 8 is in
    error, 103 that is whole, 104 with a node that is no more."""

    def start_fixture(self):
        super().start_fixture()
        number = 5
        for one_set, last, status in (
                (102, 'controller-2', 'error'),
                (103, 'controller-2', 'available'),
                (104, 'controller-9', 'available')):
            nodes = ['controller-0', 'controller-1', last]
            if one_set == 104:
                nodes.insert(2, 'controller-2')
            for node in nodes:
                number += 1
                fixtures.add_backup(
                    id=uuid(number), node=node, set_id=uuid(one_set),
                    status=status if node == last else 'available')


class Scheduled(Service):
    """Two schedules: 301 at one o'clock each night, of which job 201 was the
    last run, and 302 of the undercloud, which is disabled."""

    def start_fixture(self):
        super().start_fixture()
        fixtures.add_schedule(id=uuid(301), name='nightly')
        fixtures.add_schedule(id=uuid(302), name='weekly', enabled=False,
                              target='undercloud', cron='0 1 * * 0')
        fixtures.add_job(id=uuid(201))
        with session.writer() as connection:
            connection.execute(sa.insert(schedule_runs.RUNS).values(
                schedule_id=uuid(301), state='submitted', job_id=uuid(201),
                tick=datetime.datetime(2026, 1, 2, 1),
                created_at=datetime.datetime(2026, 1, 2, 1)))


class WithPolicies(fixture.GabbiFixture):
    """Beside Scheduled: the policy 401 of the overcloud, three more runs of
    the schedule 301, and a clean-up that follows the first."""

    def start_fixture(self):
        fixtures.add_cleanup(id=uuid(401))
        with session.writer() as connection:
            first = connection.execute(sa.select(
                schedule_runs.RUNS.c.id)).scalar_one()
            followers.plan(connection, first, ['cleanup'])
            schedule_pings.plan(connection, first)
            for day, state, reason in (
                    (3, 'skipped', 'It could not begin within its window.'),
                    (4, 'waiting', None), (5, 'skipped', 'It was missed.')):
                connection.execute(sa.insert(schedule_runs.RUNS).values(
                    schedule_id=uuid(301), state=state, reason=reason,
                    was_missed=day == 5,
                    tick=datetime.datetime(2026, 1, day, 1),
                    begin_until=datetime.datetime(2026, 1, day, 2),
                    created_at=datetime.datetime(2026, 1, day, 1)))

    def stop_fixture(self):
        """Nothing: the service takes it with it."""


class CleanUps(Service):
    """Three sets of the overcloud: 301 (backups 1 and 2), 302 that does not
    expire yet (3), 303 the newest (4); and the backup 7 of the undercloud,
    which looks odd."""

    def start_fixture(self):
        super().start_fixture()
        for number, one_set, more in (
                (1, 301, {}), (2, 301, {'node': 'controller-1'}),
                (3, 302, {'expires_at': datetime.datetime(2999, 1, 1)}),
                (4, 303, {}),
                (7, 307, {'target': 'undercloud', 'node': 'undercloud-0',
                          'suspicions': ['it has 3 files']})):
            fixtures.add_backup(
                id=uuid(number), set_id=uuid(one_set),
                number=24 * 60 * (one_set - 300), **more)


class Covered(Service):
    """Set 401 (backup 1), and set 402 after it (backup 2 of controller-0, and
    3 of controller-1 that is in error), which lacks /srv of controller-0 as
    401 did not, and has what that lacked; 403 (backup 4), of which nothing
    is known, and 404, which only checks."""

    def start_fixture(self):
        super().start_fixture()
        for number, one_set, more in (
                (1, 401, {}), (2, 402, {}), (3, 402, {
                    'node': 'controller-1', 'status': 'error',
                    'error': 'Disk full.'}), (4, 403, {})):
            fixtures.add_backup(id=uuid(number), set_id=uuid(one_set),
                                number=number, **more)
        key = gaps.gap(None, 'secret', 'master key', 'needed', 'Keep it.')
        srv, old, kernel = (
            gaps.gap('controller-0', 'filesystem', what, 'network', 'Far.',
                     what == '/proc') for what in ('/srv', '/old', '/proc'))
        looked, history = {'': ['secret'], 'controller-0': ['filesystem']}, []
        for number, found in ((401, [key, old]), (402, [srv, key, kernel]),
                              (404, [srv])):
            fixtures.add_job(id=uuid(number), number=number,
                             kind='check' if number == 404 else 'backup')
            made = report.build(found, looked, history)
            coverages.write(uuid(number), 1, made)
            history.insert(0, {'set_id': uuid(number), **{
                name: made[name] for name in ('gaps', 'looked')}})
