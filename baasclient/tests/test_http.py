# SPDX-License-Identifier: Apache-2.0
"""Servers that do not answer as they should."""
import socket
import unittest

from keystoneauth1.identity import v3
from keystoneauth1 import noauth
from keystoneauth1 import session
from osc_lib import exceptions

from baasclient import http
from baasclient.tests import test_errors


def gateway(_environ, start_response):
    """Answer as a proxy does whose service is away."""
    start_response('502 Bad Gateway', [('Content-Type', 'text/html')])
    return [b'<html>Bad Gateway</html>']


class UnreachableTest(unittest.TestCase):

    def client(self, endpoint):
        """Give a client of a service without a password."""
        return http.Client(session.Session(noauth.NoAuth(endpoint=endpoint)))

    def refused(self, client, kind=http.Unreachable):
        with self.assertRaises(kind) as caught:
            client.get('/v1/backup')
        return str(caught.exception)

    def test_a_server_that_accepts_and_says_nothing_is_told(self):
        self.addCleanup(setattr, http, 'TIMEOUT', http.TIMEOUT)
        http.TIMEOUT = (0.5, 0.5)
        with socket.create_server(('127.0.0.1', 0)) as silent:
            url = 'http://127.0.0.1:%d' % silent.getsockname()[1]
            self.assertIn('%s does not answer: no answer came in time.' % url,
                          self.refused(self.client(url)))

    def test_a_server_without_a_certificate_is_told(self):
        url = test_errors.serve(self, gateway).replace('http:', 'https:')
        self.assertIn('its certificate cannot be verified',
                      self.refused(self.client(url)))

    def test_an_identity_service_that_is_down_is_told(self):
        with socket.create_server(('127.0.0.1', 0)) as closed:
            port = closed.getsockname()[1]
        client = http.Client(session.Session(v3.Password(
            'http://127.0.0.1:%d/v3' % port, username='eve', password='x',
            user_domain_id='default', project_id='p')))
        self.assertEqual(
            'The Identity service does not answer: the connection is refused.'
            '\nCheck OS_AUTH_URL or clouds.yaml.', self.refused(client))

    def test_a_proxy_whose_service_is_away_is_told_and_may_be_asked_again(
            self):
        url = test_errors.serve(self, gateway)
        with self.assertRaises(exceptions.ClientException) as caught:
            self.client(url).get('/v1/backup')
        self.assertEqual(502, caught.exception.code)
        self.assertIn('%s/v1/backup answered: Bad Gateway.' % url,
                      str(caught.exception))

    def test_what_is_no_page_of_the_service_is_told(self):
        def other(_environ, start_response):
            start_response('200 OK', [('Content-Type', 'text/plain')])
            return [b'Welcome']
        url = test_errors.serve(self, other)
        with self.assertRaises(exceptions.CommandError) as caught:
            self.client(url).page('/v1/docs/simulation')
        self.assertIn('does not answer as the BaaS service does',
                      str(caught.exception))
