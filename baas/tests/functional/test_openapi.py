# SPDX-License-Identifier: Apache-2.0
"""The document that the service gives of itself."""
import re
import unittest

import jsonschema
import openapi_spec_validator
import webob

from baas.api.docs import failures
from baas.api import microversion
from baas.api import openapi
from baas.api import root
from baas.tests import fixtures
from baas.tests.functional import contract

WORDS = {'{id}': '00000000-0000-4000-8000-000000000001',
         '{nodeid}': 'controller-0'}
BODIES = {('POST', '/v1/schedule'): {'target': 'overcloud',
                                     'cron': '0 1 * * *'},
          ('POST', '/v1/cleanup'): {'target': 'overcloud', 'keep_last': 3}}
"""Of requests that do not go without."""


class DocumentTest(unittest.TestCase):

    def setUp(self):
        self.service = fixtures.BaasFixture(auth='noauth')
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)
        self.document = self.ask('GET', '/v1/openapi.json').json

    def ask(self, method, url):
        request = webob.Request.blank(url, method=method, headers={
            microversion.HEADER: microversion.value('latest')})
        if (method, url) in BODIES:
            request.json_body = BODIES[method, url]
            request.content_type = 'application/json'
        return request.get_response(self.service.application)

    def operations(self):
        for path, methods in self.document['paths'].items():
            for method, operation in methods.items():
                yield path, method.upper(), operation

    def test_each_route_is_described(self):
        described = {(path, method) for path, method, _o in self.operations()}
        for path, methods in root.ROUTES.items():
            for method in methods:
                for target in ('undercloud', 'overcloud'):
                    self.assertIn((path.format(
                        target=target, id='{id}', nodeid='{nodeid}'), method),
                        described)

    def test_each_route_answers_as_described(self):
        fixtures.add_backup(id=WORDS['{id}'])
        checked = contract.Checked(self.service.application)
        for path, method, operation in self.operations():
            for word, value in WORDS.items():
                path = path.replace(word, value)
            with self.subTest(f'{method} {path}'):
                response = self.ask(method, path)
                checked.check(method, path, response)
                self.assertNotIn(response.status_int, (400, 405, 500))

    def test_ids_of_operations_differ(self):
        ids = [o['operationId'] for _path, _method, o in self.operations()]
        self.assertEqual(len(ids), len(set(ids)))

    def test_each_argument_is_explained_and_no_other(self):
        used = {p['name'] for _path, _method, o in self.operations()
                for p in o['parameters']}
        own = {name for methods in root.ROUTES.values()
               for function in methods.values()
               for name in function.call.about}
        self.assertEqual({*openapi.ARGUMENTS, *own}, used)

    def test_a_name_of_an_argument_means_the_same_in_all_calls(self):
        meanings = {(p['name'], p['description'])
                    for _path, _method, o in self.operations()
                    for p in o['parameters']}
        names = [name for name, _meaning in meanings]
        self.assertEqual(sorted(set(names)), sorted(names))

    def test_each_schema_is_one(self):
        for name, schema in self.document['components']['schemas'].items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_the_document_is_one_of_openapi(self):
        openapi_spec_validator.OpenAPIV31SpecValidator(
            self.document).validate()

    def test_no_two_paths_are_the_same_but_for_names_of_arguments(self):
        paths = [re.sub('{.*?}', '{}', path)
                 for path in self.document['paths']]
        self.assertEqual(len(paths), len(set(paths)))

    def test_each_failure_is_of_some_call(self):
        used = {status for _path, _method, operation in self.operations()
                for status in operation['responses']}
        self.assertEqual(set(map(str, failures.MEANINGS)),
                         used - {'200', '201', '202', '204'})

    def test_each_call_that_names_something_can_miss_it(self):
        for path, method, operation in self.operations():
            if '{' in path or path.endswith('/last'):
                with self.subTest(f'{method} {path}'):
                    self.assertIn('404', operation['responses'])
                    for word, value in WORDS.items():
                        path = path.replace(word, value)
                    self.assertEqual(404, self.ask(
                        method, path.replace(
                            'node/controller', 'node/nobody')).status_int)

    def test_methods_that_a_path_does_not_have_are_not_allowed(self):
        for path, methods in self.document['paths'].items():
            for word, value in WORDS.items():
                path = path.replace(word, value)
            has = {method.upper() for method in methods}
            if 'GET' in has:
                has.add('HEAD')
            for method in {'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE',
                           'OPTIONS', 'TRACE'} - has:
                with self.subTest(f'{method} {path}'):
                    response = self.ask(method, path)
                    self.assertEqual(405, response.status_int)
                    self.assertEqual(', '.join(sorted(has)),
                                     response.headers['Allow'])

    def test_an_answer_with_more_than_described_is_noticed(self):
        checked = contract.Checked(self.service.application)
        response = webob.Response(
            json_body={'versions': [], 'secret': 1},
            content_type='application/json')
        response.headers['x-openstack-request-id'] = 'req-1'
        with self.assertRaises(jsonschema.ValidationError):
            checked.check('GET', '/', response)
