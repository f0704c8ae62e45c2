# SPDX-License-Identifier: Apache-2.0
"""What slow clients without a password cost others, over none of them."""
import base64
import contextlib
import http.client
import resource
import socket
import statistics
import threading
import time

from baas.tests.integration import process
from benchmarks import standalone
from benchmarks import table

CLIENTS, SECONDS, WAIT, FILES = 500, 5, 10, 1024
POST = b'POST /v1/backup/overcloud HTTP/1.1\r\nHost: a\r\n'
CASES = {
    f'{CLIENTS} send a head': (
        CLIENTS, b'GET / HTTP/1.1\r\nHost: a\r\nX: ', b'a'),
    f'{CLIENTS} send a body': (
        CLIENTS, POST + b'Content-Length: 1000\r\n\r\n', b'a'),
    f'{CLIENTS} send chunks': (
        CLIENTS, POST + b'Transfer-Encoding: chunked\r\n\r\n',
        b'1\r\na\r\n'),
    f'{CLIENTS} read no answer': (
        CLIENTS, b'GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'
        * 4, b''),
    f'{CLIENTS} say nothing': (CLIENTS, b'', b''),
    f'{CLIENTS * 3} send a head': (
        CLIENTS * 3, b'GET / HTTP/1.1\r\nHost: a\r\nX: ', b'a'),
}
"""How many there are, what each begins with, and what it sends each
second."""


def measure():
    """Measure and print; give the exit status."""
    with process.folder() as folder:
        service = standalone.Standalone(folder / 'state')
        # As systemd starts a service, whatever this shell may have.
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, soft), hard))
        try:
            service.start()
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            proof = base64.b64encode(
                f'admin:{service.password()}'.encode()).decode()
            headers = {'Authorization': f'Basic {proof}'}
            _ask(service.port, headers)
            results = {}
            for name, case in CASES.items():
                # Just before it, because the machine has other work.
                alone = _ask(service.port, headers)
                with _beside(service.port, *case):
                    results[name] = alone, _ask(service.port, headers)
        finally:
            service.process.kill()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _report(results)


def _ask(port, headers):
    """Ask for a list over new connections; give seconds of each."""
    times, begin = [], time.monotonic()
    while time.monotonic() - begin < SECONDS:
        begun = time.monotonic()
        connection = http.client.HTTPConnection('127.0.0.1', port,
                                                timeout=60)
        connection.request('GET', '/v1/backup', headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f'GET /v1/backup: {answer.status}')
        times.append(time.monotonic() - begun)
    return times


@contextlib.contextmanager
def _beside(port, clients, begin, drip):
    """Have clients that send a little each second."""
    stop = threading.Event()
    with contextlib.ExitStack() as sockets:
        made = []
        for _number in range(clients):
            client = sockets.enter_context(socket.create_connection(
                ('127.0.0.1', port), 60))
            client.sendall(begin)
            made.append(client)

        def send():
            while not stop.wait(1):
                for client in made:
                    with contextlib.suppress(OSError):
                        client.send(drip)
        thread = threading.Thread(target=send)
        thread.start()
        # What they have asked for has been worked on: what is left is that
        # they are slow.
        time.sleep(WAIT)
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _report(results):
    rows, slowest = [], 0
    for name, (alone, beside) in results.items():
        slowest = max(slowest, max(beside))
        ratio = statistics.median(beside) / statistics.median(alone)
        rows.append((name, _ms(statistics.median(alone)),
                     _ms(statistics.median(beside)), f'{ratio:.1f}x',
                     _ms(max(alone)), _ms(max(beside))))
    words, status = table.judge('The slowest request of others', slowest, 1,
                                unit=' s')
    table.show('Others beside slow clients', (
        'slow clients', 'alone', 'beside', 'ratio', 'slowest alone',
        'slowest beside'), rows, [
        'GET /v1/backup over a new connection each, one after the other for '
        f'{SECONDS} s without and then with the slow clients; medians.',
        'baas-standalone with http_basic and an empty history on SQLite, '
        f'which may open {FILES} files. Slow clients send a byte (or a '
        'chunk) each second and have no password.', words])
    return status


def _ms(seconds):
    return f'{seconds * 1000:.0f} ms'
