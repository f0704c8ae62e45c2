# SPDX-License-Identifier: Apache-2.0
"""Connections whose clients do not do what clients do, and a service that has
as much to do as it can."""
import socket
import threading
import time
import unittest

from oslo_config import cfg

from baas.api.http import server
from baas.tests import fixtures
from baas.tests.functional import test_slow_clients


class OddClientTest(test_slow_clients.WireCase):

    def test_who_takes_answers_slowly_gets_them_all(self):
        ask = b'GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n'
        client = self.connect((ask + b'\r\n') * 99
                              + ask + b'Connection: close\r\n\r\n')
        time.sleep(1)
        self.assertEqual(100, self.rest(client).count(b'200 OK'))

    def test_who_is_refused_and_does_not_go_away_is_closed(self):
        with test_slow_clients.lasting('_DRAIN', 1):
            client = self.connect(
                test_slow_clients.POST
                + b'Content-Length: 1000000000\r\n\r\n')
            self.demand_refusal(413, 'baas.request.content_too_large', client)
            with self.assertRaises(OSError):
                for _time in range(60):
                    client.sendall(b'a')
                    time.sleep(0.5)

    def test_who_sends_an_urgent_byte_is_closed(self):
        for begin in (b'', test_slow_clients.HEAD):
            client = self.connect(begin)
            client.send(b'!', socket.MSG_OOB)
            self.assertEqual(b'', self.rest(client))
        self.demand_service()


class BusyTest(unittest.TestCase):
    """An application that takes its time."""

    def setUp(self):
        super().setUp()
        service = fixtures.BaasFixture()
        service.setUp()
        self.addCleanup(service.cleanUp)
        self.addCleanup(setattr, server, 'MOST', server.MOST)
        server.MOST = 2
        self.begun, self.go = threading.Semaphore(0), threading.Event()
        self.server = server.build(self.application, cfg.CONF, port=0)
        self.server.prepare()
        serving = threading.Thread(target=self.server.serve)
        serving.start()
        self.addCleanup(serving.join)
        self.addCleanup(self.server.stop)
        self.addCleanup(self.go.set)

    def application(self, _environ, start_response):
        """Answer when everybody may."""
        self.begun.release()
        self.go.wait(60)
        start_response('200 OK', [('Content-Length', '0')])
        return [b'']

    def at_work(self):
        """Ask, and wait until that is at work."""
        client = self.client()
        client.sendall(b'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
        self.assertTrue(self.begun.acquire(timeout=30))
        return client

    def client(self):
        """Connect."""
        made = socket.create_connection(self.server.bind_addr, timeout=30)
        self.addCleanup(made.close)
        return made

    def test_where_all_are_at_work_nobody_is_thrown_out_for_another(self):
        clients = [self.at_work() for _number in range(2)]
        self.assertEqual(b'', self.client().recv(100))
        self.go.set()
        for client in clients:
            self.assertIn(b'200 OK', client.recv(100))

    def test_what_is_not_answered_at_the_end_is_told_to_the_log(self):
        self.at_work()
        self.server.shutdown_timeout = 0.5
        with self.assertLogs(server.LOG.logger, 'WARNING') as logged:
            self.server.stop()
        self.assertIn('1 requests were not answered within 0.5 s',
                      logged.output[0])
