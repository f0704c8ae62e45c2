# SPDX-License-Identifier: Apache-2.0
"""openstack control plane backup check: one line, and the codes that monitors
know."""
import datetime
import re

import sqlalchemy as sa

from baas.db.schedule import schedules
from baas.db import session
from baas.tests import fixtures as service
from baasclient.tests import base

CHECK = ('control', 'plane', 'backup', 'check')
OVERCLOUD = (*CHECK, '--target', 'overcloud', '--max-age')


def ago(**length):
    """Give a time that is over, as the database has it."""
    return (datetime.datetime.now(datetime.timezone.utc)
            - datetime.timedelta(**length)).replace(tzinfo=None)


class CheckTest(base.ShellTestCase):

    def check(self, code, *arguments, **environment):
        """Run it; give its one line."""
        ended = self.openstack(*arguments, code=code, **environment)
        [line] = ended.out.splitlines()
        self.assertEqual(['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'][code],
                         line.partition(':')[0])
        return line

    def test_a_young_set_is_ok_with_its_age(self):
        base.add_set(created_at=ago(hours=3, minutes=1))
        line = self.check(0, *OVERCLOUD, '26h')
        self.assertRegex(line, r'^OK: overcloud: newest available set 3 h old '
                         r'\| age_seconds=\d+s;;93600;0$')
        age = int(line.partition('age_seconds=')[2].partition('s;')[0])
        self.assertIn(age, range(10860, 14400))

    def test_an_old_set_is_critical(self):
        base.add_set(created_at=ago(days=3))
        self.assertRegex(self.check(2, *OVERCLOUD, '26h'),
                         '^CRITICAL: overcloud: newest available set 3 d old')

    def test_between_two_ages_it_is_a_warning(self):
        base.add_set(created_at=ago(hours=3))
        line = self.check(1, *OVERCLOUD, '26h', '--warn-age', '90m')
        self.assertIn('s;5400;93600;0', line)

    def test_without_any_set_it_is_critical(self):
        self.assertEqual('CRITICAL: overcloud: there is no available set',
                         self.check(2, *OVERCLOUD, '26h'))

    def test_a_set_that_is_not_whole_does_not_count(self):
        base.add_set(created_at=ago(days=2))
        for node, status in (('controller-0', 'available'),
                             ('controller-1', 'error'),
                             ('controller-2', 'available')):
            service.add_backup(node=node, status=status, set_id='1' * 36,
                               created_at=ago(hours=2))
        service.add_backup(created_at=ago(hours=1))  # of one node alone
        # Taken without a node that the inventory does not have any more.
        base.add_set(created_at=ago(minutes=9), set_id='2' * 36,
                     missing_nodes=['controller-9'])
        self.assertRegex(self.check(2, *OVERCLOUD, '26h'), '2 d old')

    def test_many_sets_that_are_not_whole_hide_no_older_one(self):
        base.add_set(created_at=ago(hours=9, minutes=1))
        for number in range(70):
            service.add_backup(created_at=ago(minutes=number))
        self.assertRegex(self.check(0, *OVERCLOUD, '26h'), 'set 9 h old')

    def test_without_a_target_each_is_looked_at_and_the_worst_comes_first(
            self):
        base.add_set(created_at=ago(hours=2))
        self.assertRegex(
            self.check(2, *CHECK, '--max-age', '26h'),
            r'^CRITICAL: undercloud: there is no available set; overcloud: '
            r'newest available set 2 h old \| '
            r'overcloud_age_seconds=72\d\ds;;93600;0$')
        service.add_backup(target='undercloud', node='undercloud-0',
                           created_at=ago(hours=1))
        self.assertRegex(self.check(0, *CHECK, '--max-age', '26h'),
                         'undercloud_age_seconds=36')

    def test_a_set_must_have_been_read_back_in_time_if_that_is_asked(self):
        base.add_set(created_at=ago(hours=2))
        wanted = (*OVERCLOUD, '26h', '--verified-within', '40d')
        self.assertIn('no set was ever read back', self.check(2, *wanted))
        for days, code in ((41, 2), (39, 0)):
            for node in ('controller-0', 'controller-1', 'controller-2'):
                service.add_backup(
                    node=node, set_id=str(days) * 18,
                    created_at=ago(days=60), verified_at=ago(days=days))
            self.assertIn('last read back %d d ago' % days,
                          self.check(code, *wanted))

    def test_an_overdue_schedule_and_an_odd_set_are_warnings(self):
        base.add_set(created_at=ago(hours=2))
        service.add_schedule(name='nightly')
        with session.writer() as connection:
            connection.execute(sa.update(schedules.SCHEDULES).values(
                overdue_since=datetime.datetime(2026, 1, 2, 5)))
        self.assertIn('schedule nightly is overdue since '
                      '2026-01-02T05:00:00.000Z',
                      self.check(1, *OVERCLOUD, '26h'))
        base.add_set(set_id='2' * 36, created_at=ago(hours=1),
                     suspicions=['it has 3 files'])
        self.assertIn('that set looks odd', self.check(1, *OVERCLOUD, '26h'))

    def test_an_older_service_is_asked_what_it_knows(self):
        base.add_set(created_at=ago(hours=2))
        self.check(0, '--os-baas-api-version', '1.0', *OVERCLOUD, '26h')

    def test_bad_arguments_are_unknown_and_not_critical(self):
        for words in ((), ('--max-age',), ('--max-age', 'soon'),
                      ('--max-age', '0h'), ('--max-age', '26h', '--moon'),
                      ('--max-age', '26h', '--target', 'moon'),
                      ('--max-age', '26h', 'more')):
            self.check(3, *CHECK, *words)

    def test_a_warning_that_can_never_come_is_refused(self):
        base.add_set(created_at=ago(hours=2))
        for age in ('26h', '30h'):
            self.assertIn('--warn-age must be less than --max-age',
                          self.check(3, *OVERCLOUD, '26h', '--warn-age', age))
        self.check(0, *OVERCLOUD, '26h', '--warn-age', '1559m')

    def test_a_service_that_gives_no_answer_is_unknown(self):
        self.assertIn('the connection is refused', self.check(
            3, *OVERCLOUD, '26h', OS_ENDPOINT='http://127.0.0.1:1'))
        self.assertIn('no valid user name and password', self.check(
            3, *OVERCLOUD, '26h', OS_PASSWORD='wrong'))
        self.assertRegex(self.check(
            3, *OVERCLOUD, '26h', OS_AUTH_TYPE='password',
            OS_AUTH_URL='http://127.0.0.1:1'), '^UNKNOWN: .')

    def test_a_set_of_the_future_is_unknown(self):
        base.add_set(created_at=ago(hours=-2))
        self.assertIn('clock', self.check(3, *OVERCLOUD, '26h'))

    def test_its_line_is_the_same_as_of_the_short_command(self):
        line = re.escape(self.check(2, *CHECK, '--max-age', '2d'))
        self.assertRegex(self.check(2, 'backup', 'check', '--max-age', '2d'),
                         line)
