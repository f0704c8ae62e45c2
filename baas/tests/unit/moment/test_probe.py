# SPDX-License-Identifier: Apache-2.0
import contextlib
import socket
import threading
import time
import unittest

from baas.moment import probe

HTTP = b'HTTP/1.0 200 OK\r\n\r\n'
BUSY = b'HTTP/1.0 503 Service Unavailable\r\n\r\n'
MYSQL = b'\x4a\x00\x00\x00\x0a11.4.2-MariaDB\x00'


class Server:
    """Answers connections with ``says``; ``asked`` first reads a request."""

    def __init__(self, says, asked=False):
        self.says, self.asked, self.frozen = says, asked, False
        self._socket = socket.create_server(('127.0.0.1', 0))
        self.place = '127.0.0.1:%d' % self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self):
        while True:
            try:
                talk = self._socket.accept()[0]
            except OSError:
                return
            with talk, contextlib.suppress(OSError):
                while self.frozen:
                    time.sleep(0.01)
                if self.asked:
                    talk.recv(100)
                talk.sendall(self.says)


class ProbeTest(unittest.TestCase):

    def begin(self, server):
        self.addCleanup(server.close)
        one = probe.Probe(server.place)
        one.start()
        self.addCleanup(one.end)
        until = time.monotonic() + 10
        while not one.is_able() and time.monotonic() < until:
            time.sleep(0.02)
        self.assertTrue(one.is_able())
        return one

    def assert_gap(self, seconds, found):
        self.assertGreater(found['client_outage'], seconds * 0.9, found)
        self.assertLess(found['client_outage'], seconds + 2, found)

    def test_without_an_outage_the_gap_is_short_and_answers_are_many(self):
        one = self.begin(Server(b'220 mail\r\n'))
        time.sleep(4)
        found = one.end()
        self.assertLess(found['client_outage'], 3)
        self.assertGreater(found['answers'], 5)

    def test_a_frozen_service_gives_no_answer_though_its_port_is_open(self):
        for server in (Server(b'220 mail\r\n'), Server(HTTP, asked=True)):
            with self.subTest(server.says):
                one = self.begin(server)
                server.frozen = True
                time.sleep(2.5)
                server.frozen = False
                time.sleep(0.5)
                self.assert_gap(2.5, one.end())

    def test_a_proxy_that_says_503_is_no_answer(self):
        server = Server(HTTP, asked=True)
        one = self.begin(server)
        server.says = BUSY
        time.sleep(2)
        server.says = HTTP
        time.sleep(0.5)
        self.assert_gap(2, one.end())

    def test_an_outage_that_has_not_ended_counts_until_now(self):
        server = Server(HTTP, asked=True)
        one = self.begin(server)
        server.says = b''
        since = time.monotonic()
        time.sleep(2)
        self.assertFalse(one.is_answered(since + 0.5))
        self.assert_gap(2, one.end())

    def test_who_never_answers_has_no_outage(self):
        with socket.create_server(('127.0.0.1', 0)) as closed:
            place = '127.0.0.1:%d' % closed.getsockname()[1]
        one = probe.Probe(place)
        one.start()
        time.sleep(0.5)
        self.assertEqual({'client_outage': None, 'answers': 0}, one.end())

    def test_a_mysql_server_is_left_alone(self):
        server = Server(MYSQL)
        self.addCleanup(server.close)
        one = probe.Probe(server.place)
        one.start()
        time.sleep(1)
        found = one.end()
        self.assertEqual(0, found['answers'])
        self.assertIn('MySQL', found['refused'])
