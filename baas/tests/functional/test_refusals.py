# SPDX-License-Identifier: Apache-2.0
"""The ways to fail that the document lists are those that there are, over all
calls."""
import unittest

import webob

from baas.api import faults
from baas.api import microversion
from baas.tests import fixtures
from baas.tests.functional import test_openapi

NOBODY = '99999999-9999-4999-8999-999999999999'
LATEST = microversion.value('latest')
NOT_ASKED = {'408', '409', '431', '500', '503'}
"""What comes of time, of the state of things, of the server, or of what
breaks: they are tested where they are made."""


class Base(unittest.TestCase):
    auth = 'noauth'

    @classmethod
    def setUpClass(cls):
        service = fixtures.BaasFixture(auth=cls.auth)
        service.setUp()
        cls.addClassCleanup(service.cleanUp)
        cls.application = service.application
        cls.thing = test_openapi.WORDS['{id}']
        fixtures.add_backup(id=cls.thing)
        fixtures.add_schedule(id=cls.thing)
        fixtures.add_cleanup(id=cls.thing)
        cls.document = webob.Request.blank('/v1/openapi.json').get_response(
            service.application).json

    def operations(self, status):
        """Give (method, path, operation) of calls that can fail so."""
        for path, methods in self.document['paths'].items():
            for method, operation in methods.items():
                if status in operation['responses']:
                    yield method.upper(), path, operation

    def refused(self, status, id=None, query='', headers=(), body=None,
                kind='application/json'):
        """See that each call that can be refused with a status is, and that
        no other call is."""
        listed = set()
        for method, path, _operation in self.operations(status):
            listed.add((method, path))
        found = set()
        for method, path, _operation in self.operations('400'):
            request = webob.Request.blank(
                path.replace('{id}', id or self.thing).replace(
                    '{nodeid}', 'controller-0') + query, method=method,
                headers={microversion.HEADER: LATEST, **dict(headers)})
            wanted = test_openapi.BODIES.get((method, path))
            if body is not None:
                request.body, request.content_type = body, kind
            elif wanted:
                request.json_body = wanted
                request.content_type = kind
            if str(request.get_response(
                    self.application).status_int) == status:
                found.add((method, path))
        self.assertEqual(listed, found, status)


class RefusalsTest(Base):

    def test_every_status_is_asked_for_here(self):
        listed = {status for _method, _path, operation
                  in self.operations('400')
                  for status in operation['responses'] if status >= '400'}
        self.assertEqual(listed - NOT_ASKED, {
            name.split('_')[1] for name in (*dir(self), *dir(StrangersTest))
            if name.startswith('test_4')})

    def test_400_an_argument_that_no_call_knows(self):
        self.refused('400', query='?nonsense=1')

    def test_403_who_has_no_role(self):
        self.refused('403', headers={'X-Roles': 'nothing'})

    def test_406_a_version_that_there_is_not(self):
        self.refused('406', headers={
            microversion.HEADER: microversion.value('9.9')})

    def test_413_a_body_that_is_too_large(self):
        self.refused('413', body=b' ' * 70000)

    def test_414_a_url_that_is_too_long(self):
        self.refused('414', query='?' + 'a' * faults.LONGEST_URL)

    def test_415_a_body_that_is_no_json(self):
        self.refused('415', body=b'name=weekly', kind='text/plain',
                     headers={'If-Match': '*'})

    def test_417_an_expectation_that_nobody_knows(self):
        self.refused('417', headers={'Expect': 'beer'})

    def test_412_what_was_seen_is_not_there_any_more(self):
        self.refused('412', headers={'If-Match': '"7"'})

    def test_428_what_does_not_say_what_was_seen(self):
        self.refused('428', body=b'{}')

    def test_404_what_is_not_there_or_was_not_yet(self):
        unseen = {(method, path) for method, path, operation
                  in self.operations('404')}
        found = set()
        for version, id in ((LATEST, NOBODY), (microversion.value(
                microversion.VERSIONS[0]), self.thing)):
            for method, path, operation in self.operations('400'):
                request = webob.Request.blank(
                    path.replace('{id}', id).replace('{nodeid}', 'nobody'),
                    method=method, headers={microversion.HEADER: version,
                                            'If-Match': '*'})
                if path.endswith('/last'):
                    request.query_string = 'node=nobody'
                if request.get_response(self.application).status_int == 404:
                    found.add((method, path))
        self.assertEqual(unseen, found)


class StrangersTest(Base):
    auth = 'http_basic'

    def test_401_who_is_a_stranger(self):
        self.refused('401')
