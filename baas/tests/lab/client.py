# SPDX-License-Identifier: Apache-2.0
"""A client of the lab's cloud: writes and reads through the VIP."""
import configparser
import contextlib
import pathlib
import threading
import time

import pymysql

PAUSE = 0.05
"""Seconds from one write to the next."""


class Client:
    """Writes a number into Galera and reads it back, every 50 ms.

    A context manager: it works inside only.

    :param account: options file of the database account.
    :param and_then: called with each number that was written, before the
        next one; what it raises counts as an error.
    :ivar written: the last number that was written, 0 before the first.
    :ivar errors: what went wrong, as (seconds since the begin, sentence).
    """

    def __init__(self, account, and_then=lambda number: None):
        options = configparser.ConfigParser(interpolation=None)
        options.read_string(pathlib.Path(account).read_text())
        self._options = dict(options['client'])
        self._and_then = and_then
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._connection = None
        self._successes = []
        self.written, self.errors = 0, []

    def __enter__(self):
        self._begin = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        self._close()

    def longest_gap(self):
        """Give the longest time between two writes that worked (seconds);
        from the last one until now counts."""
        consistency = [*self._successes, time.monotonic()]
        return max(later - sooner
                   for sooner, later in zip(consistency, consistency[1:]))

    def wait_for(self, number, seconds=60):
        """Wait until so many numbers were written."""
        until = time.monotonic() + seconds
        while self.written < number:
            if time.monotonic() > until:
                raise AssertionError(f'Only {self.written} numbers were '
                                     f'written: {self.errors[-3:]}')
            time.sleep(PAUSE)

    def _work(self):
        while not self._ended.wait(PAUSE):
            try:
                self._write(self.written + 1)
                self._and_then(self.written + 1)
            except Exception as error:
                self.errors.append((time.monotonic() - self._begin,
                                    f'{type(error).__name__}: {error}'))
                self._close()
                continue
            self.written += 1
            self._successes.append(time.monotonic())

    def _write(self, number):
        if self._connection is None:
            self._connection = self._connect()
        with self._connection.cursor() as cursor:
            # What was cut off in the middle may be there already.
            cursor.execute('REPLACE INTO beat VALUES (%s)', number)
            cursor.execute('SELECT MAX(id) FROM beat')
            if cursor.fetchone() != (number,):
                raise AssertionError(f'{number} was written and is not read')

    def _connect(self):
        connection = pymysql.connect(
            host=self._options['host'], user=self._options['user'],
            password=self._options['password'], database='labdb',
            connect_timeout=2, read_timeout=30, write_timeout=30,
            autocommit=True)
        if not self.written:
            with connection.cursor() as cursor:
                cursor.execute('CREATE TABLE IF NOT EXISTS beat '
                               '(id BIGINT PRIMARY KEY)')
                cursor.execute('DELETE FROM beat')
        return connection

    def _close(self):
        with contextlib.suppress(Exception):
            self._connection.close()
        self._connection = None
