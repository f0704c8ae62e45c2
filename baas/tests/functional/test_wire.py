# SPDX-License-Identifier: Apache-2.0
"""What only a real connection shows: bytes as they come."""
import base64
import http.client
import json
import unittest

from baas.tests import fixtures

TOKEN = base64.b64encode(
    f'{fixtures.USER}:{fixtures.PASSWORD}'.encode()).decode()


class WireTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        service = fixtures.BaasFixture()
        service.setUp()
        cls.addClassCleanup(service.cleanUp)
        cls.host = service.serve().removeprefix('http://')

    def ask(self, method, target, body=None, **headers):
        """Send a request as it is; give status, headers and body."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        self.addCleanup(connection.close)
        connection.putrequest(method, '/', skip_accept_encoding=True)
        # http.client would refuse to send what is tested here.
        connection._buffer[0] = f'{method} {target} HTTP/1.1'.encode(
            'latin-1')
        for name, value in {'Authorization': f'Basic {TOKEN}',
                            **headers}.items():
            connection.putheader(name.replace('_', '-'), value)
        if body is not None and 'Transfer_Encoding' not in headers:
            connection.putheader('Content-Length', str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        text = response.read()
        return response, text

    def refused(self, status, method, target, body=None, **headers):
        response, text = self.ask(method, target, body, **headers)
        self.assertEqual(status, response.status, text)
        error = json.loads(text)['errors'][0]
        self.assertEqual(response.headers['X-Openstack-Request-Id'],
                         error['request_id'])
        return error

    def test_a_zero_byte_in_a_path_is_refused(self):
        self.refused(400, 'GET', '/v1/node/a%00b')

    def test_a_zero_byte_in_an_argument_is_refused(self):
        self.refused(400, 'GET', '/v1/backup?name=a%00b')

    def test_a_path_that_is_not_utf8_is_refused(self):
        error = self.refused(400, 'GET', '/v1/node/%FF')
        self.assertEqual('baas.request.invalid_url', error['code'])

    def test_an_argument_that_is_not_utf8_is_refused(self):
        self.refused(400, 'GET', '/v1/backup?name=%FF')

    def test_a_line_end_in_a_path_is_refused(self):
        self.refused(400, 'GET', '/v1/node/a%0d%0aX-Evil:%201')

    def test_an_argument_beyond_ascii_is_found(self):
        response, text = self.ask('GET', '/v1/backup?name=%C3%A9')
        self.assertEqual((200, []),
                         (response.status, json.loads(text)['backups']))

    def test_a_very_long_path_is_refused(self):
        error = self.refused(414, 'GET', '/v1/node/' + 'a' * 20000)
        self.assertEqual('baas.request.url_too_long', error['code'])

    def test_a_long_node_is_refused(self):
        self.refused(400, 'GET', '/v1/node/' + 'a' * 256)

    def test_a_huge_body_is_refused(self):
        body = b'{"name": "' + b'a' * 70000 + b'"}'
        self.refused(413, 'POST', '/v1/backup/overcloud', body,
                     Content_Type='application/json')

    def test_a_huge_body_in_chunks_is_refused(self):
        chunk = b'10000\r\n' + b' ' * 65536 + b'\r\n'
        self.refused(413, 'POST', '/v1/backup/overcloud',
                     chunk * 3 + b'0\r\n\r\n', Transfer_Encoding='chunked',
                     Content_Type='application/json')

    def test_a_body_in_chunks_is_read(self):
        error = self.refused(
            400, 'POST', '/v1/backup/overcloud',
            b'b\r\n{"name": 5}\r\n0\r\n\r\n', Transfer_Encoding='chunked',
            Content_Type='application/json')
        self.assertIn('name', error['detail'])

    def test_a_body_that_is_nested_deep_is_refused(self):
        for body in (b'[' * 60000, b'{"name":' * 7000):
            self.refused(400, 'POST', '/v1/backup/overcloud', body,
                         Content_Type='application/json')

    def test_a_body_with_what_is_no_json_is_refused(self):
        for body in (b'{"name": NaN}', b'{"name": "a", "name": "b"}',
                     b'{"name": "\xff"}', b'{"name": "\\ud800"}', b'null',
                     b'"x"', b'{"name": "x"}}', b'\x00'):
            with self.subTest(body):
                self.refused(400, 'POST', '/v1/backup/overcloud', body,
                             Content_Type='application/json')

    def test_a_body_without_a_type_is_refused(self):
        self.refused(415, 'POST', '/v1/backup/overcloud', b'{}')

    def test_a_form_without_a_boundary_is_refused(self):
        for body, status in ((b'x', 415), (b'', 400)):
            self.refused(status, 'POST', '/v1/backup/overcloud?x=1' if not body
                         else '/v1/backup/overcloud', body,
                         Content_Type='multipart/form-data')

    def test_head_has_headers_and_no_body(self):
        response, text = self.ask('HEAD', '/v1/backup')
        self.assertEqual((200, b''), (response.status, text))
        self.assertGreater(int(response.headers['Content-Length']), 10)

    def test_an_unknown_method_is_not_allowed(self):
        self.refused(405, 'BREW', '/v1/backup')

    def test_nothing_was_begun_by_these(self):
        _response, text = self.ask('GET', '/v1/job')
        self.assertEqual([], json.loads(text)['jobs'])
