# SPDX-License-Identifier: Apache-2.0
"""Others are served while clients without a password take their time."""
import base64
import contextlib
import http.client
import json
import os
import resource
import socket
import threading
import time
import unittest

from baas.api.http import connections
from baas.tests import fixtures

TOKEN = base64.b64encode(
    f'{fixtures.USER}:{fixtures.PASSWORD}'.encode()).decode()
HEAD = b'GET /v1/backup HTTP/1.1\r\nHost: a\r\nX-Slow: '
POST = b'POST /v1/backup/overcloud HTTP/1.1\r\nHost: a\r\n'
MANY, HOUR = 200, 3600
PATIENCE = 60
"""Seconds for an answer. A worker that waits for one of the slow clients
waits for an hour; how soon others have theirs is the machine's affair."""


@contextlib.contextmanager
def lasting(phase, seconds):
    """Have a phase of each connection end after so many seconds."""
    before = getattr(connections, phase)
    setattr(connections, phase, seconds)
    try:
        yield
    finally:
        setattr(connections, phase, before)


class WireCase(unittest.TestCase):
    """A service on a port of the loopback, and sockets to it."""

    def setUp(self):
        service = fixtures.BaasFixture()
        service.setUp()
        self.addCleanup(service.cleanUp)
        host, port = service.serve().removeprefix('http://').split(':')
        self.address = host, int(port)
        self.sockets = self.enterContext(contextlib.ExitStack())

    def connect(self, begin=b''):
        """Open a connection and send what a request begins with."""
        made = self.sockets.enter_context(
            socket.create_connection(self.address, timeout=PATIENCE))
        made.sendall(begin)
        return made

    def drip(self, clients, data=b'a'):
        """Send a byte to each each second, until the test ends."""
        stop = threading.Event()

        def send():
            while not stop.wait(1):
                for client in clients:
                    with contextlib.suppress(OSError):
                        client.send(data)
        thread = threading.Thread(target=send)
        thread.start()
        self.sockets.callback(thread.join)
        self.sockets.callback(stop.set)

    def demand_service(self):
        """Ask as somebody else, and get an answer."""
        connection = http.client.HTTPConnection(*self.address,
                                                timeout=PATIENCE)
        self.addCleanup(connection.close)
        connection.request('GET', '/v1/backup', headers={
            'Authorization': f'Basic {TOKEN}'})
        self.assertEqual(200, connection.getresponse().status)

    def rest(self, client):
        """Read what else comes until the service closes."""
        data = b''
        with contextlib.suppress(ConnectionResetError):
            while more := client.recv(65536):
                data += more
        return data

    def demand_refusal(self, status, code, client):
        """See that the service refuses, in its own shape, and closes."""
        head, body = self.rest(client).split(b'\r\n\r\n', 1)
        self.assertIn(str(status).encode(), head.split(b'\r\n')[0])
        error = json.loads(body)['errors'][0]
        self.assertEqual((status, code), (error['status'], error['code']))
        self.assertIn(
            f'x-openstack-request-id: {error["request_id"]}'.lower(),
            head.decode().lower())


class SlowClientTest(WireCase):

    def setUp(self):
        super().setUp()
        for phase in ('RECEIVE', 'SEND', 'IDLE'):
            self.enterContext(lasting(phase, HOUR))

    def test_a_head_that_comes_byte_by_byte_keeps_nobody_out(self):
        self.drip([self.connect(HEAD) for _number in range(MANY)])
        for _time in range(3):
            self.demand_service()

    def test_a_body_that_comes_byte_by_byte_keeps_nobody_out(self):
        self.drip([self.connect(
            POST + b'Content-Length: 1000\r\n\r\n')
            for _number in range(MANY)])
        self.demand_service()

    def test_a_body_in_slow_chunks_keeps_nobody_out(self):
        self.drip([self.connect(
            POST + b'Transfer-Encoding: chunked\r\n\r\n')
            for _number in range(MANY)], b'1\r\na\r\n')
        self.demand_service()

    def test_connections_that_say_nothing_keep_nobody_out(self):
        for _number in range(MANY):
            self.connect()
        self.demand_service()

    def test_answers_that_nobody_reads_keep_nobody_out(self):
        ask = b'GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'
        for _number in range(MANY):
            client = self.connect()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.sendall(ask * 20)
        self.demand_service()

    def test_connections_kept_open_after_an_answer_keep_nobody_out(self):
        for _number in range(MANY):
            client = self.connect(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
            self.assertIn(b'200 OK', client.recv(65536))
        self.demand_service()

    def test_who_does_not_end_the_head_in_time_is_told_and_closed(self):
        with lasting('RECEIVE', 1):
            client = self.connect(HEAD)
            self.drip([client])
            self.demand_refusal(408, 'baas.request.timeout', client)

    def test_who_does_not_end_the_body_in_time_is_told_and_closed(self):
        with lasting('RECEIVE', 1):
            client = self.connect(POST + b'Content-Length: 1000\r\n\r\n')
            self.drip([client])
            self.demand_refusal(408, 'baas.request.timeout', client)

    def test_who_does_not_take_the_answer_in_time_is_closed(self):
        with lasting('SEND', 1):
            ask = b'GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'
            client = self.connect(ask * 400)
            time.sleep(15)
            self.assertLess(self.rest(client).count(b'200 OK'), 400)

    def test_who_says_nothing_more_is_closed(self):
        with lasting('IDLE', 1):
            self.assertEqual(b'', self.rest(self.connect()))

    def test_more_connections_than_there_is_room_for_are_let_in(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < 4096:
            self.skipTest('This process may not have as many files')
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE,
                        (soft, hard))
        first = self.connect(HEAD)
        for _number in range(1100):
            self.connect(HEAD)
        self.demand_service()
        # The one that has waited longest has made room.
        self.assertEqual(b'', self.rest(first))

    def test_without_a_file_descriptor_left_the_service_waits_quietly(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.demand_service()
        clients = [socket.socket() for _number in range(20)]
        for client in clients:
            self.sockets.enter_context(client)
        least = max(map(int, os.listdir('/proc/self/fd'))) + 1
        resource.setrlimit(resource.RLIMIT_NOFILE, (least, hard))
        try:
            for client in clients:
                client.connect(self.address)
            used = time.process_time()
            time.sleep(3)
            self.assertLess(time.process_time() - used, 1)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.demand_service()


class ProtocolTest(WireCase):
    """What is no request that this service reads is told so, and ends the
    connection, so that nothing after it is taken for another request."""

    def refused(self, status, code, *parts):
        client = self.connect(b''.join(parts))
        self.demand_refusal(status, code, client)

    def test_a_head_without_end_is_refused(self):
        self.refused(431, 'baas.request.head_too_large', HEAD,
                     b'a' * 100000)

    def test_a_declared_body_that_is_too_large_is_refused_at_once(self):
        self.refused(413, 'baas.request.content_too_large', POST,
                     b'Content-Length: 1000000000\r\n\r\n')

    def test_a_body_that_is_sent_in_spite_of_it_does_not_hide_the_answer(
            self):
        self.refused(413, 'baas.request.content_too_large', POST,
                     b'Content-Length: 1000000\r\n\r\n', b'a' * 1000000)

    def test_chunks_without_end_are_refused(self):
        self.refused(413, 'baas.request.content_too_large', POST,
                     b'Transfer-Encoding: chunked\r\n\r\n',
                     b'2000\r\n' + b'a' * 8192 + b'\r\n', *(
                         [b'2000\r\n' + b'a' * 8192 + b'\r\n'] * 20))

    def test_a_head_that_can_be_read_in_two_ways_is_refused(self):
        for lines in (b'Content-Length: 5\r\nContent-Length: 6\r\n',
                      b'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
                      b'Content-Length: +5\r\n', b'Content-Length: 5_0\r\n',
                      b'Content-Length : 5\r\n',
                      b'X: a\nContent-Length: 5\r\n',
                      b'X: a\rY: b\r\n', b'\x00: a\r\n', b'no colon\r\n'):
            with self.subTest(lines):
                self.refused(400, 'baas.request.malformed', POST, lines,
                             b'\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n')

    def test_chunks_that_old_clients_cannot_send_are_refused(self):
        self.refused(400, 'baas.request.malformed',
                     b'POST /v1/backup/overcloud HTTP/1.0\r\n'
                     b'Connection: keep-alive\r\n'
                     b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n')

    def test_a_transfer_coding_of_another_kind_is_refused(self):
        self.refused(400, 'baas.request.malformed', POST,
                     b'Transfer-Encoding: gzip, chunked\r\n\r\n')

    def test_chunks_with_a_wrong_size_are_refused(self):
        for chunk in (b'x\r\na\r\n', b'-1\r\na\r\n', b'1\na\n\r\n',
                      b'0x1\r\na\r\n'):
            with self.subTest(chunk):
                self.refused(400, 'baas.request.malformed', POST,
                             b'Transfer-Encoding: chunked\r\n\r\n', chunk)

    def test_what_is_no_http_is_refused(self):
        for line in (b'\x16\x03\x01\x02\x00\r\n\r\n', b'GET\r\n\r\n',
                     b'get / HTTP/1.1\r\n\r\n'):
            with self.subTest(line):
                self.refused(400, 'baas.request.malformed', line)

    def test_names_with_underscores_are_not_taken_for_others(self):
        client = self.connect(
            b'GET /v1/backup HTTP/1.1\r\nHost: a\r\nConnection: close\r\n'
            b'Content_Length: 5\r\nX_Roles: admin\r\n\r\n')
        self.assertIn(b'401 Unauthorized', self.rest(client))

    def test_requests_that_come_together_are_answered_in_order(self):
        client = self.connect(
            b'GET /v1 HTTP/1.1\r\nHost: a\r\n\r\n'
            b'GET /nowhere HTTP/1.1\r\nHost: a\r\n'
            b'Connection: close\r\n\r\n')
        first, second = self.rest(client).split(b'HTTP/1.1 ')[1:]
        self.assertTrue(first.startswith(b'200'))
        self.assertTrue(second.startswith(b'401'))

    def test_who_asks_first_whether_to_go_on_is_told_to(self):
        client = self.connect(
            POST + b'Expect: 100-continue\r\nContent-Length: 2\r\n'
            b'Connection: close\r\n\r\n')
        self.assertTrue(client.recv(100).startswith(b'HTTP/1.1 100 '))
        client.sendall(b'{}')
        self.assertIn(b'401 Unauthorized', self.rest(client))


class AddressTest(unittest.TestCase):

    def test_addresses_of_version_6_are_listened_on(self):
        for bound, asked in (('::1', '::1'), ('::', '::1'),
                             ('::', '127.0.0.1'), ('localhost', 'localhost')):
            with (self.subTest(f'{bound} {asked}'),
                  fixtures.BaasFixture(options={
                      ('api', 'bind_host'): bound}) as service):
                port = int(service.serve().rpartition(':')[2])
                connection = http.client.HTTPConnection(asked, port,
                                                        timeout=PATIENCE)
                connection.request('GET', '/v1')
                answer = connection.getresponse()
                connection.close()
                self.assertEqual(200, answer.status)
