# SPDX-License-Identifier: Apache-2.0
"""The document of the API has an example of each call, which is true."""
import json
import unittest

import jsonschema
import webob

from baas.api.docs import complete
from baas.api.docs import failures
from baas.api import root
from baas.tests import fixtures
from baas.tests.functional import contract
from baas.tests.functional.examples import recorder

RENEW = f'Run "{recorder.COMMAND}" and look at what it has changed.'


class ExamplesTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        with fixtures.BaasFixture() as service:
            cls.document = webob.Request.blank(
                '/v1/openapi.json').get_response(service.application).json
        cls.kept = complete.recorded()

    def validate(self, value, schema):
        jsonschema.validate(
            value, {'$schema': contract.SCHEMA, **schema,
                    'components': self.document['components']},
            format_checker=jsonschema.FormatChecker())

    def calls(self):
        return complete.operations(self.document['paths'])

    def test_each_call_has_one(self):
        asked = {one['call'] for one in recorder.requests()}
        for call, _operation in self.calls():
            self.assertIn(call, asked, (
                f'{call} has no example: add a request to '
                'baas/tests/functional/examples/requests.yaml, and what it '
                f'needs to world.py beside it. {RENEW}'))

    def test_no_request_is_of_a_call_that_is_not_there(self):
        there = {call for call, _operation in self.calls()}
        self.assertEqual([], [one['call'] for one in recorder.requests()
                              if one['call'] not in there])

    def test_they_are_what_the_application_answers(self):
        self.assertEqual(json.loads(recorder.text(recorder.record())),
                         self.kept, RENEW)

    def test_each_answer_and_each_body_is_as_its_schema_says(self):
        for call, operation in self.calls():
            with self.subTest(call):
                parts = [answer.get('content', {}) for answer
                         in operation['responses'].values()]
                parts.append(operation.get('requestBody', {}).get(
                    'content', {}))
                found = [one for part in parts for one in part.values()]
                for one in found:
                    self.validate(one['example'], one['schema'])
                self.assertTrue(found or '204' in operation['responses'])

    def test_each_argument_is_as_its_schema_says(self):
        seen = 0
        for call, operation in self.calls():
            for one in operation['parameters']:
                with self.subTest(f'{call} {one["name"]}'):
                    if one['required']:
                        self.assertIn('example', one)
                    if 'example' in one:
                        seen += 1
                        self.validate(one['example'], one['schema'])
        self.assertGreater(seen, 20)

    def test_each_way_to_fail_has_one(self):
        found = self.document['components']['responses']
        for status, (name, _meaning) in failures.MEANINGS.items():
            with self.subTest(status):
                body = found[name]['content']['application/json']
                self.validate(body['example'], body['schema'])
                self.assertEqual(status,
                                 body['example']['errors'][0]['status'])

    def test_each_call_is_in_a_chapter_that_is_explained(self):
        chapters = {one['name']: one['description']
                    for one in self.document['tags']}
        self.assertEqual(set(chapters), {
            operation['tags'][0] for _call, operation in self.calls()})
        self.assertEqual([], [name for name, means in chapters.items()
                              if not means])

    def test_titles_of_a_chapter_differ_and_are_short(self):
        titles = [(operation['tags'][0], operation['summary'])
                  for _call, operation in self.calls()]
        self.assertEqual(sorted(set(titles)), sorted(titles))
        self.assertEqual([], [title for _chapter, title in titles
                              if len(title) > 72 or title.endswith('.')])

    def test_what_a_call_does_is_said_in_full(self):
        said = {operation.get('description', operation['summary'] + '.')
                for _call, operation in self.calls()}
        for methods in root.ROUTES.values():
            for function in methods.values():
                self.assertIn(function.call.summary, said)
