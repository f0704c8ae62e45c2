# SPDX-License-Identifier: Apache-2.0
"""Sends the same request over several connections and counts."""
import http.client
import statistics
import threading
import time


class Result:
    """What one round has shown.

    :ivar times: seconds that each request took.
    :ivar seconds: length of the round.
    :ivar body: the last answer (bytes).
    """

    def __init__(self):
        self.times, self.seconds, self.body = [], 0.0, b''

    @property
    def rate(self):
        """Requests a second."""
        return len(self.times) / self.seconds

    @property
    def median(self):
        """Median seconds of a request."""
        return statistics.median(self.times)


def run(port, path, headers, *, connections=4, most=400, seconds=10):
    """Ask until enough was asked or the time is over.

    :param most: how many requests at most.
    :param seconds: how long at most; a request at work is waited for.
    :returns: :class:`Result`.
    :raises RuntimeError: an answer was not 200.
    """
    result, lock, failures = Result(), threading.Lock(), []
    begin = time.monotonic()
    tickets = iter(range(most))

    def ask():
        connection = http.client.HTTPConnection('127.0.0.1', port,
                                                timeout=60)
        while time.monotonic() - begin < seconds:
            with lock:
                if next(tickets, None) is None or failures:
                    break
            started = time.monotonic()
            connection.request('GET', path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            took = time.monotonic() - started
            with lock:
                if answer.status != 200:
                    failures.append(f'{answer.status}: {body[:300]!r}')
                result.times.append(took)
                result.body = body
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.monotonic() - begin
    if failures:
        raise RuntimeError(f'GET {path} on port {port}: {failures[0]}')
    return result
