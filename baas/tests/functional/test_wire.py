# SPDX-License-Identifier: Apache-2.0
"""What only a real connection shows: bytes as they come."""
import base64
import http.client
import json
import socket
import unittest

from baas.tests import fixtures

JSON = 'application/json'
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
        connection = http.client.HTTPConnection(self.host, timeout=60)
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
            error = self.refused(400, 'POST', '/v1/backup/overcloud', body,
                                 Content_Type='application/json')
            self.assertEqual('The body is nested too deep.', error['detail'])
            self.assertIn('one level below', error['hint'])

    def test_of_a_number_that_is_too_long_the_bounds_are_told(self):
        for number in (b'9' * 5000, b'-' + b'9' * 5000, b'9' * 41):
            error = self.refused(
                400, 'POST', '/v1/cleanup',
                b'{"target": "overcloud", "keep_last": ' + number + b'}',
                Content_Type='application/json',
                OpenStack_API_Version='control-plane-backup 1.1')
            self.assertEqual('Argument keep_last: must be a whole number from '
                             '0 to 10000.', error['detail'])

    def test_a_body_with_what_is_no_json_is_refused(self):
        for body in (b'{"name": NaN}', b'{"name": "a", "name": "b"}',
                     b'{"name": "\xff"}', b'{"name": "\\ud800"}', b'null',
                     b'"x"', b'{"name": "x"}}', b'\x00'):
            with self.subTest(body):
                self.refused(400, 'POST', '/v1/backup/overcloud', body,
                             Content_Type='application/json')

    def test_a_body_without_a_type_is_refused(self):
        self.refused(415, 'POST', '/v1/backup/overcloud', b'{}')

    def test_a_body_that_is_encoded_is_refused_by_the_name_of_its_coding(self):
        for coding, status in (('gzip', 415), ('gzip, identity', 415),
                               ('identity', 400), ('', 400)):
            with self.subTest(coding):
                error = self.refused(
                    status, 'POST', '/v1/backup/overcloud', b'{"name": 5}',
                    Content_Type=JSON, Content_Encoding=coding)
                if status == 415:
                    self.assertEqual('The body is encoded: Content-Encoding '
                                     f'is {coding}.', error['detail'])

    def test_a_form_without_a_boundary_is_refused(self):
        for body, status in ((b'x', 415), (b'', 400)):
            self.refused(status, 'POST', '/v1/backup/overcloud?x=1' if not body
                         else '/v1/backup/overcloud', body,
                         Content_Type='multipart/form-data')

    def test_what_is_wrong_with_a_body_is_said_as_it_is(self):
        for target, body, kind, status, detail in (
                ('/v1/backup/overcloud', b'{"a": {"b": 1, "b": 2}}', JSON,
                 400, "The body has the member 'b' twice."),
                ('/v1/backup/overcloud', b'[]', JSON, 400,
                 'The body is not a JSON object.'),
                ('/v1/backup/overcloud', b'{}', '', 415,
                 'The body has no type: Content-Type is missing.'),
                (f'/v1/job/{"0" * 8}-0000-4000-8000-{"0" * 12}/cancel',
                 b'{}', JSON, 400, 'This call takes no body.')):
            with self.subTest(detail):
                self.assertEqual(detail, self.refused(
                    status, 'POST', target, body, Content_Type=kind)['detail'])

    def test_a_media_type_has_no_case(self):
        self.refused(400, 'POST', '/v1/backup/overcloud', b'{"name": 5}',
                     Content_Type='APPLICATION/JSON')

    def test_an_argument_that_is_no_text_is_called_by_its_name(self):
        for target, detail in (
                ('/v1/backup?limit=1&name=%ff', 'is not UTF-8 in the argument '
                 'name'),
                ('/v1/backup?%fe=1', 'is not UTF-8 in the argument \\ufffd'),
                ('/v1/backup?node=a%0Ab', 'has control characters in the '
                 'argument node'),
                ('/v1/backup/%ff', 'is not UTF-8 in its path')):
            with self.subTest(target):
                self.assertEqual(f'The URL {detail}.', self.refused(
                    400, 'GET', target)['detail'])

    def test_a_semicolon_is_a_part_of_an_argument(self):
        fixtures.add_backup(name='a;limit=x')
        _response, text = self.ask('GET', '/v1/backup?name=a;limit=x')
        self.assertEqual(1, len(json.loads(text)['backups']))

    def test_what_no_client_accepts_is_not_sent_and_is_no_error_of_ours(self):
        for accept in ('application/json;q=0', 'junk', 'text/plain', '*/*;q=0',
                       'image/png, application/json;q=0.0'):
            with self.subTest(accept), self.assertNoLogs(level='ERROR'):
                error = self.refused(406, 'GET', '/v1/backup', Accept=accept)
                self.assertEqual('baas.request.not_acceptable', error['code'])

    def test_what_a_browser_or_a_client_accepts_is_sent(self):
        for accept in ('', '*/*', 'application/*', 'APPLICATION/JSON',
                       'application/json; charset=utf-8',
                       'text/html,application/xml;q=0.9,*/*;q=0.8'):
            response, text = self.ask('GET', '/v1/backup', Accept=accept)
            self.assertEqual((200, JSON), (
                response.status, response.headers['Content-Type']), accept)

    def test_a_version_is_one_of_this_service_or_none(self):
        for version in ('control-plane-backup', '1.1', 'latest',
                        'control-plane-backup 01.1',
                        'control-plane-backup 1.01',
                        'control-plane-backup 1.1 x',
                        'control-plane-backup 1.0, control-plane-backup 1.1'):
            with self.subTest(version):
                error = self.refused(400, 'GET', '/v1/backup',
                                     OpenStack_API_Version=version)
                self.assertEqual('baas.request.malformed_version',
                                 error['code'])
        for version, expected in (
                ('compute 2.90', '1.0'), ('compute 2.90, volume 3.1', '1.0'),
                ('compute 2.90,Control-Plane-Backup 1.1', '1.1')):
            response, _text = self.ask('GET', '/v1/backup',
                                       OpenStack_API_Version=version)
            self.assertEqual(
                (200, f'control-plane-backup {expected}'),
                (response.status, response.headers['OpenStack-API-Version']))

    def raw(self, head):
        """Send a head as it is, and end; give all that is answered."""
        address, _colon, port = self.host.partition(':')
        with socket.create_connection((address, int(port)), 60) as client:
            client.sendall(head.replace('\n', '\r\n').encode() + b'\r\n')
            return b''.join(iter(lambda: client.recv(65536), b'')).decode()

    def test_links_are_made_of_one_host_and_of_nothing_else(self):
        for hosts, version in (
                ((), '1.1'), (('a', 'b'), '1.1'), (('evil"><x',), '1.1'),
                (('a:b',), '1.1'), (('',), '1.1'), (('a/b',), '1.0'),
                (('u@a',), '1.0'), (('a:0',), '1.1'), (('a:65536',), '1.1'),
                (('[::1]:99999',), '1.0')):
            answer = self.raw(f'GET /v1 HTTP/{version}\n' + ''.join(
                f'Host: {host}\n' for host in hosts)
                + 'Connection: Upgrade, close\n')
            self.assertRegex(answer, r'^HTTP/1.. 400 ', hosts)
            self.assertIn('baas.request.invalid_host', answer)
        self.assertIn('names a port that is none: there are 1 to 65535',
                      answer)
        for head, link in (
                ('1.1\nHost: a.example:65535', 'http://a.example:65535/v1/'),
                ('1.1\nHost: a.example:99', 'http://a.example:99/v1/'),
                ('1.1\nHost: [2001:db8::1]', 'http://[2001:db8::1]/v1/'),
                ('1.0', '/v1/')):
            answer = self.raw(f'GET /v1 HTTP/{head}\n'
                              'Connection: Upgrade, close\n')
            self.assertRegex(answer, '^HTTP/1.. 200 ')
            self.assertIn(link, answer)

    def test_what_waits_for_what_nobody_knows_is_told_at_once(self):
        for expected in ('beer', '100-continue, beer', '100-continue;a=b'):
            # The body is not sent before the answer.
            answer = self.raw(
                'POST /v1/backup/overcloud HTTP/1.1\nHost: a\n'
                f'Expect: {expected}\nContent-Length: 2\n')
            self.assertRegex(answer, '^HTTP/1.1 417 ', expected)
            self.assertIn('baas.request.expectation_failed', answer)
        for expected in ('', '100-Continue', ', 100-continue'):
            self.assertEqual(200, self.ask(
                'GET', '/v1/backup', Expect=expected)[0].status)

    def test_the_health_is_asked_for_and_nothing_else(self):
        error = self.refused(405, 'POST', '/healthcheck')
        self.assertEqual('It takes GET, HEAD.', error['hint'])
        self.refused(400, 'GET', '/healthcheck?x=1')
        self.assertEqual(200, self.ask('GET', '/healthcheck')[0].status)

    def test_an_id_takes_what_its_path_says_that_it_does(self):
        path = f'/v1/backup/{"0" * 8}-0000-4000-8000-{"0" * 12}'
        for method in ('PUT', 'POST'):
            error = self.refused(405, method, path)
            self.assertEqual('It takes DELETE, GET, HEAD.', error['hint'])

    def test_head_has_headers_and_no_body(self):
        response, text = self.ask('HEAD', '/v1/backup')
        self.assertEqual((200, b''), (response.status, text))
        self.assertGreater(int(response.headers['Content-Length']), 10)

    def test_an_unknown_method_is_not_allowed(self):
        self.refused(405, 'BREW', '/v1/backup')

    def test_nothing_was_begun_by_these(self):
        _response, text = self.ask('GET', '/v1/job')
        self.assertEqual([], json.loads(text)['jobs'])
