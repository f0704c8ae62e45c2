# SPDX-License-Identifier: Apache-2.0
"""Whose request a line of the log is about."""
import http.client
import logging
import unittest

from oslo_context import context

from baas.tests import fixtures
from baas.tests.functional import test_wire


class _Lines(logging.Handler):
    """Keeps what stands beside each line.

    :ivar found: (id of the request, who asks) of each.
    """

    def __init__(self):
        super().__init__()
        self.found = []

    def emit(self, record):
        known = context.get_current()
        self.found.append((known.request_id, known.user_id))


class AccessLogTest(unittest.TestCase):

    def setUp(self):
        # With one thread, each request comes after another of the same.
        service = fixtures.BaasFixture(options={('api', 'threads'): 1})
        service.setUp()
        self.addCleanup(service.cleanUp)
        self.host = service.serve().removeprefix('http://')
        self.lines, logger = _Lines(), logging.getLogger('baas.api.http')
        self.addCleanup(logger.setLevel, logger.level)
        self.addCleanup(logger.removeHandler, self.lines)
        logger.setLevel(logging.INFO)
        logger.addHandler(self.lines)

    def ask(self, status, path='/v1/backup', **headers):
        """Send a request; give the id in its answer."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        self.addCleanup(connection.close)
        connection.request('GET', path, headers=headers)
        response = connection.getresponse()
        response.read()
        self.assertEqual(status, response.status)
        return response.headers['X-Openstack-Request-Id']

    def test_each_line_has_the_id_of_its_answer_and_who_was_let_in(self):
        known = {'Authorization': f'Basic {test_wire.TOKEN}'}
        asked = [
            (self.ask(200, **known), fixtures.USER),
            (self.ask(401), None),
            (self.ask(200, **known), fixtures.USER),
            (self.ask(401, Authorization='Basic YWRtaW46d3Jvbmc='), None),
            (self.ask(200, **known), fixtures.USER),
            # The server refuses that, and not the application.
            (self.ask(400, **{'Content-Length': '-1'}), None),
            (self.ask(200, **known), fixtures.USER),
            (self.ask(200, '/v1'), None)]
        self.assertEqual(asked, self.lines.found)
