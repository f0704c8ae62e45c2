# SPDX-License-Identifier: Apache-2.0
"""Holds each answer against the document that the service gives of itself."""
import json
import re

import jsonschema
import webob

SCHEMA = 'https://json-schema.org/draft/2020-12/schema'
_OF_NO_CALL = ('/healthcheck', '/v1/docs')


class Checked:
    """WSGI middleware for tests: an answer that the document does not
    describe raises AssertionError."""

    def __init__(self, application):
        self.application = application
        self._document = webob.Request.blank('/v1/openapi.json').get_response(
            application).json

    def __call__(self, environ, start_response):
        request = webob.Request(environ)
        method, path = request.method, request.environ['PATH_INFO']
        response = request.get_response(self.application)
        self.check(method, path, response)
        return response(environ, start_response)

    def check(self, method, path, response):
        """Check one answer.

        :raises AssertionError: it is not as described.
        """
        assert response.headers.get('x-openstack-request-id'), path
        if method == 'HEAD' or path.startswith(_OF_NO_CALL):
            return
        content = self._described(method, path, response.status_int)
        if content is None:
            assert not response.body, path
            return
        assert response.content_type in content, (
            f'{method} {path} answers {response.content_type}')
        schema = content[response.content_type]['schema']
        if response.content_type == 'application/json':
            self._validate(json.loads(response.body), schema)

    def _described(self, method, path, status):
        components = self._document['components']['responses']
        responses = self._responses(method, path)
        if responses is None:
            assert 400 <= status < 500, (
                f'{method} {path} is not described and answers {status}')
            return components['BadRequest']['content']
        found = responses.get(str(status))
        assert found, f'{method} {path} answers {status}'
        if '$ref' in found:
            found = components[found['$ref'].rpartition('/')[2]]
        return found.get('content')

    def _responses(self, method, path):
        # A path without arguments comes before one that has some.
        for place, methods in self._paths():
            shape = re.sub(r'\\{\w+\\}', '[^/]+', re.escape(place))
            if re.fullmatch(shape, path.rstrip('/') or '/'):
                return methods.get(method.lower(), {}).get('responses')
        return None

    def _paths(self):
        return sorted(self._document['paths'].items(),
                      key=lambda item: item[0].count('{'))

    def _validate(self, body, schema):
        whole = {'$schema': SCHEMA, **schema,
                 'components': self._document['components']}
        jsonschema.validate(
            body, whole, format_checker=jsonschema.FormatChecker())
