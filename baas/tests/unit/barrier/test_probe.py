# SPDX-License-Identifier: Apache-2.0
import contextlib
import socket
import threading
import time
import unittest

from baas.barrier import probe

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

    def probe(self, place):
        """Begin a probe that is quicker than those of a set."""
        one = probe.Probe(place, every=0.005, patience=10, greets=0.1)
        one.start()
        self.addCleanup(one.end)
        return one

    def until(self, check):
        until = time.monotonic() + 30
        while not check():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.005)

    def begin(self, server):
        self.addCleanup(server.close)
        one = self.probe(server.place)
        self.until(one.is_able)
        return one

    def assert_outage(self, server, seconds=0.4, **fault):
        """Make a fault for some seconds; it is what is measured."""
        began = time.monotonic()
        one = self.begin(server)
        before = {name: getattr(server, name) for name in fault}
        for name, value in fault.items():
            setattr(server, name, value)
        time.sleep(seconds)
        for name, value in before.items():
            setattr(server, name, value)
        since = time.monotonic()
        self.until(lambda: one.is_answered(since))
        found = one.end()
        # What was on its way when the fault began is heard.
        self.assertGreater(found['client_outage'], seconds / 2)
        self.assertLess(found['client_outage'], time.monotonic() - began)

    def test_without_an_outage_answers_are_many_and_no_gap_is_most_of_it(self):
        began = time.monotonic()
        one = self.begin(Server(b'220 mail\r\n'))
        self.until(lambda: one.answers() >= 50)
        found = one.end()
        self.assertGreaterEqual(found['answers'], 50)
        self.assertLess(found['client_outage'],
                        (time.monotonic() - began) * 0.9)

    def test_a_frozen_service_gives_no_answer_though_its_port_is_open(self):
        for server in (Server(b'220 mail\r\n'), Server(HTTP, asked=True)):
            with self.subTest(server.says):
                self.assert_outage(server, frozen=True)

    def test_a_proxy_that_says_503_is_no_answer(self):
        self.assert_outage(Server(HTTP, asked=True), says=BUSY)

    def test_an_outage_that_has_not_ended_counts_until_now(self):
        server = Server(HTTP, asked=True)
        one = self.begin(server)
        server.says = b''
        since = time.monotonic()
        time.sleep(0.4)
        self.assertFalse(one.is_answered(since + 0.3))
        found = one.end()
        self.assertGreater(found['client_outage'], 0.2)

    def test_of_a_service_that_says_nothing_the_port_is_looked_at(self):
        server = Server(b'')
        one = self.probe(server.place)
        self.until(lambda: one.answers() >= 3)
        server.close()
        since = time.monotonic()
        time.sleep(0.4)
        self.assertFalse(one.is_answered(since + 0.2))
        self.assertGreater(one.end()['client_outage'], 0.2)

    def test_a_service_that_comes_back_is_waited_for_and_no_longer(self):
        server = Server(HTTP, asked=True)
        one = self.begin(server)
        server.frozen = True
        time.sleep(0.3)
        began = time.monotonic()
        probe.wait_for_answers([one], 0.3)
        self.assertGreaterEqual(time.monotonic() - began, 0.3)
        threading.Timer(0.2, setattr, (server, 'frozen', False)).start()
        began = time.monotonic()
        probe.wait_for_answers([one], 60)
        self.assertLess(time.monotonic() - began, 50)
        self.assertTrue(one.is_answered(began))

    def test_who_never_answers_has_no_outage(self):
        with socket.create_server(('127.0.0.1', 0)) as closed:
            place = '127.0.0.1:%d' % closed.getsockname()[1]
        one = self.probe(place)
        # Long enough for many questions.
        time.sleep(0.3)
        self.assertEqual({'client_outage': None, 'answers': 0}, one.end())

    def test_a_mysql_server_is_left_alone(self):
        server = Server(MYSQL)
        self.addCleanup(server.close)
        one = self.probe(server.place)
        self.until(lambda: not one.is_at_work())
        found = one.end()
        self.assertEqual(0, found['answers'])
        self.assertIn('MySQL', found['refused'])
