# SPDX-License-Identifier: Apache-2.0
"""Clients of the lab's cloud: they write and read through the VIP, and ask for
tokens."""
import configparser
import contextlib
import json
import pathlib
import threading
import time
import urllib.request

import pymysql

PAUSE = 0.05
"""Seconds from one try to the next."""


class Probe:
    """Does something again and again, every 50 ms.

    A context manager: it works inside only.

    :ivar written: how often it worked, which is the last number too.
    :ivar errors: what went wrong, as (seconds since the begin, sentence).
    """

    def __init__(self):
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._successes = []
        self.written, self.errors = 0, []

    def __enter__(self):
        self._begin = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        self.close()

    def attempt(self, number):
        """Do it once; what is raised counts as an error.

        :param number: the one after the last that worked.
        """
        raise NotImplementedError

    def close(self):
        """Give up what was kept open, after an error too."""

    def longest_gap(self):
        """Give the longest time between two tries that worked (seconds);
        from the last one until now counts."""
        consistency = [*self._successes, time.monotonic()]
        return max(later - sooner
                   for sooner, later in zip(consistency, consistency[1:]))

    def wait_for(self, number, seconds=60):
        """Wait until so many have worked."""
        until = time.monotonic() + seconds
        while self.written < number:
            if time.monotonic() > until:
                raise AssertionError(f'Only {self.written} numbers were '
                                     f'written: {self.errors[-3:]}')
            time.sleep(PAUSE)

    def _work(self):
        while not self._ended.wait(PAUSE):
            try:
                self.attempt(self.written + 1)
            except Exception as error:
                self.errors.append((time.monotonic() - self._begin,
                                    f'{type(error).__name__}: {error}'))
                self.close()
                continue
            self.written += 1
            self._successes.append(time.monotonic())


class Client(Probe):
    """Writes a number into Galera and reads it back.

    :param account: options file of the database account.
    :param and_then: called with each number that was written, before the
        next one; what it raises counts as an error.
    """

    def __init__(self, account, and_then=lambda number: None):
        super().__init__()
        options = configparser.ConfigParser(interpolation=None)
        options.read_string(pathlib.Path(account).read_text())
        self._options = dict(options['client'])
        self._and_then = and_then
        self._connection = None

    def attempt(self, number):
        """See :class:`Probe`."""
        if self._connection is None:
            self._connection = self._connect()
        with self._connection.cursor() as cursor:
            # What was cut off in the middle may be there already.
            cursor.execute('REPLACE INTO beat VALUES (%s)', number)
            cursor.execute('SELECT MAX(id) FROM beat')
            if cursor.fetchone() != (number,):
                raise AssertionError(f'{number} was written and is not read')
        self._and_then(number)

    def _connect(self):
        connection = pymysql.connect(
            host=self._options['host'], user=self._options['user'],
            password=self._options['password'], database='labdb',
            connect_timeout=30, read_timeout=30, write_timeout=30,
            autocommit=True)
        if not self.written:
            with connection.cursor() as cursor:
                cursor.execute('CREATE TABLE IF NOT EXISTS beat '
                               '(id BIGINT PRIMARY KEY)')
                cursor.execute('DELETE FROM beat')
        return connection

    def close(self):
        """See :class:`Probe`."""
        with contextlib.suppress(Exception):
            self._connection.close()
        self._connection = None


class Tokens(Probe):
    """Asks Keystone for a token, as whoever uses the cloud does first.

    :param url: where Keystone is, without a version.
    :param password: that of its user ``admin``.
    """

    def __init__(self, url, password):
        super().__init__()
        self._url = f'{url}/v3/auth/tokens'
        user = {'name': 'admin', 'domain': {'id': 'default'},
                'password': password}
        self._body = json.dumps({'auth': {'identity': {
            'methods': ['password'], 'password': {'user': user}}}}).encode()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}))

    def attempt(self, number):
        """See :class:`Probe`."""
        request = urllib.request.Request(
            self._url, self._body, {'Content-Type': 'application/json'})
        with self._opener.open(request, timeout=30) as answer:
            if not answer.headers['X-Subject-Token']:
                raise AssertionError('an answer without a token')
