# SPDX-License-Identifier: Apache-2.0
import contextlib
import sqlite3
import unittest

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from baas.db import jobs
from baas.db import models
from baas.db import session
from baas.tests.unit.db import database


class ExplainedTest(database.DatabaseTest):

    def explained(self, sql=None):
        """Ask for jobs after a change; give what is said of the failure."""
        if sql:
            with session.writer() as connection:
                connection.execute(sa.text(sql))
        with self.assertRaises(session.DatabaseError) as caught:
            with session.explained():
                jobs.page(limit=1)
        return caught.exception

    def test_a_table_that_is_not_there_is_no_absence_of_the_database(self):
        error = self.explained(f'DROP TABLE {models.Job.__tablename__}')
        self.assertIn('does not have the tables', str(error))
        self.assertIn('baas-manage db sync', error.hint)

    def test_a_database_that_cannot_be_opened_is_told(self):
        session.engine().dispose()
        (self.folder / 'baas.sqlite').unlink()
        (self.folder / 'baas.sqlite').mkdir()
        self.assertIn('The database cannot be used: unable to open',
                      str(self.explained()))

    def test_whoever_waits_too_long_is_led_to_the_one_that_writes(self):
        session.engine().dispose()

        @sa.event.listens_for(session.engine(), 'connect')
        def wait_less(connection, _record):
            connection.execute('PRAGMA busy_timeout = 50')

        with contextlib.closing(sqlite3.connect(
                self.folder / 'baas.sqlite', isolation_level=None)) as lock:
            lock.execute('BEGIN IMMEDIATE')
            with self.assertRaises(session.DatabaseError) as caught:
                with session.explained(), session.writer():
                    pass
        self.assertIn('database is locked', str(caught.exception))
        self.assertIn('fuser -v', caught.exception.hint)

    def test_a_mistake_of_the_caller_stays_what_it_is(self):
        with self.assertRaises(ZeroDivisionError), session.explained():
            1 / 0


class ClockTest(unittest.TestCase):

    def test_each_kind_of_database_is_asked_for_its_own_time(self):
        for dialect, wanted in (
                (sqlite, "strftime('%Y-%m-%d %H:%M:%f000', 'now', "
                         "'-5 seconds')"),
                (mysql, '(UTC_TIMESTAMP(6) + INTERVAL -5 SECOND)'),
                (postgresql, "(timezone('utc', clock_timestamp()) + "
                             "interval '-5 seconds')")):
            with self.subTest(dialect.__name__):
                self.assertEqual(wanted, str(session.utcnow(-5).compile(
                    dialect=dialect.dialect())))
