# SPDX-License-Identifier: Apache-2.0
"""What is there when the examples are recorded."""
import datetime
import uuid

import sqlalchemy as sa

from baas.db.coverage import coverages
from baas.db import events
from baas.db.schedule import schedule_runs
from baas.db import session
from baas.db import steps
from baas.jobs.coverage import gaps
from baas.jobs.coverage import report
from baas.jobs import disks
from baas.jobs import restore_plan
from baas.tests import fixtures

NAMES = ('cloud', 'set', 'backup', 'second', 'third', 'earlier', 'odd',
         'trashed', 'job', 'failed', 'queued', 'restore', 'planned',
         'schedule', 'cleanup')
IDS = {name: str(uuid.uuid5(uuid.NAMESPACE_DNS, f'{name}.example.org'))
       for name in NAMES}
"""Ids of what is there, by the names that requests.yaml calls them."""
MONDAY = datetime.datetime(2026, 1, 5, 1)
_DAY = 24 * 60
_MOUNTS = (('/', 'vda2', 42949672960, 18253611008),
           ('/boot', 'vda1', 1073741824, 268435456))


def make():
    """Write everything into the database of the service."""
    _sets()
    _jobs()
    _restores()
    _coverage()
    fixtures.add_schedule(id=IDS['schedule'], name='nightly', stopall=True)
    fixtures.add_cleanup(id=IDS['cleanup'], keep_last=1)
    with session.writer() as connection:
        connection.execute(sa.insert(schedule_runs.RUNS).values(
            schedule_id=IDS['schedule'], state='submitted', tick=MONDAY,
            job_id=IDS['set'], created_at=MONDAY))


def _sets():
    for number, name in enumerate(('backup', 'second', 'third')):
        node = f'controller-{number}'
        fixtures.add_backup(
            id=IDS[name], set_id=IDS['set'], node=node, number=4 * _DAY + 60,
            stopall=True, quiesce_mode='freeze', cloud_id=IDS['cloud'],
            labels={'change': '4711'},
            outage_seconds=1.25 + number / 4, client_outage_seconds=1.9,
            service_outages={'galera': 1.25 + number / 4, 'nova': 1.0},
            location_url=_location(node),
            verified_at=MONDAY + datetime.timedelta(minutes=40))
    fixtures.add_backup(id=IDS['earlier'], number=3 * _DAY + 60,
                        set_id=IDS['earlier'], cloud_id=IDS['cloud'],
                        location_url=_location('controller-0'))
    fixtures.add_backup(
        id=IDS['trashed'], set_id=IDS['trashed'], number=2 * _DAY + 60,
        cloud_id=IDS['cloud'], location_url=_location('controller-0'),
        status='trashed', trashed_status='available',
        purge_at=datetime.datetime(2999, 1, 1))
    fixtures.add_backup(id=IDS['odd'], target='undercloud', files=12,
                        node='undercloud-0', set_id=IDS['odd'], number=_DAY,
                        cloud_id=IDS['cloud'],
                        location_url=_location('undercloud-0'),
                        suspicions=['it has 12 files, where 200000 are usual'])


def _coverage():
    gap = gaps.gap('controller-0', 'filesystem', '/srv', 'network',
                   'It is a share of 192.0.2.7, which is no part of the node.')
    coverages.write(IDS['set'], 1, report.build(
        [gap], {'controller-0': ['filesystem']}, [{
            'set_id': IDS['earlier'], 'gaps': [],
            'looked': {'controller-0': ['filesystem']}}]))


def _location(node):
    return f'sftp://backup.example.org/{IDS["cloud"]}/{node}'


def _jobs():
    fixtures.add_job(
        id=IDS['set'], name='nightly', options={'stopall': True},
        number=4 * _DAY + 60, user_id=fixtures.USER,
        finished_at=MONDAY + datetime.timedelta(minutes=40), forecast={
            'outage_seconds': 2.0, 'duration_seconds': 2400.0,
            'stored_bytes': 10 ** 8, 'set_id': IDS['earlier'],
            'max_outage_seconds': 30.0, 'back_within_seconds': 600.0,
            'summary': ['The outage is expected to last 2 s.']})
    fixtures.add_job(
        id=IDS['failed'], state='error', error_node='controller-1',
        error_step='check', error_cause='The node does not answer.',
        error_hint='Switch it on.', number=2 * _DAY, user_id=fixtures.USER)
    fixtures.add_job(
        id=IDS['queued'], state='queued', target='undercloud',
        number=4 * _DAY + 560,
        started_at=None, finished_at=None, epoch=0)
    for position, name in enumerate(('check', 'prepare', 'arm', 'snapshot',
                                     'capture', 'verify', 'release')):
        _step(IDS['set'], position, name, state='done', percent=100,
              finished_at=MONDAY + datetime.timedelta(minutes=position + 1),
              nodes={f'controller-{number}': {'state': 'done', 'percent': 100}
                     for number in range(3)})
    for message in ('The node answers.', 'Galera is Synced, 3 of 3.',
                    'There is room for the backup.'):
        events.add(IDS['set'], message, step='check', node='controller-0')


def _restores():
    fixtures.add_job(
        id=IDS['restore'], kind='restore', state='running', finished_at=None,
        node='controller-0', backup_id=IDS['backup'], number=4 * _DAY + 540,
        user_id=fixtures.USER)
    _step(IDS['restore'], 0, 'recover', state='running', percent=62,
          task='Writing files', nodes={'controller-0': {
              'state': 'running', 'percent': 62, 'bytes_done': 6200000000,
              'bytes_total': 10 ** 10}})
    fixtures.add_job(
        id=IDS['planned'], kind='restore-plan', node='controller-0',
        backup_id=IDS['backup'], plan=restore_plan.build('restore', [{
            'node': 'controller-0', 'restored_as': 'controller-0',
            'backup_id': IDS['backup'],
            'creation_date': '2026-01-05T01:00:00.000Z',
            'age_seconds': 36000.0, 'size_bytes': 10 ** 10,
            'boot_method': 'ironic', 'boot_mode': 'uefi',
            'boot': 'Ironic boots it over the network',
            'disks': disks.mapping({'filesystems': [
                {'mountpoint': mountpoint, 'fstype': 'xfs',
                 'device': f'/dev/{device}', 'size': size, 'used': used}
                for mountpoint, device, size, used in _MOUNTS]})}],
            reachable_members=['controller-1', 'controller-2']),
        number=4 * _DAY + 500)


def _step(job, position, name, **columns):
    with session.writer() as connection:
        connection.execute(sa.insert(steps.STEPS).values(**{
            'job_id': job, 'position': position, 'name': name, 'task': None,
            'started_at': MONDAY, 'finished_at': None, **columns}))
