# SPDX-License-Identifier: Apache-2.0
"""What the document of the API allows is taken, over all calls and all of
their arguments."""
import json
import unittest
from urllib import parse

import hypothesis
from hypothesis import strategies
import sqlalchemy as sa
import webob

from baas.api import microversion
from baas.api import root
from baas.api import types
from baas.db import models
from baas.db import session
from baas.tests import fixtures
from baas.tests.functional import contract

ID = '00000000-0000-4000-8000-000000000001'
SETTINGS = hypothesis.settings(
    max_examples=60, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck))


class SchemaTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        service = fixtures.BaasFixture(auth='noauth')
        service.setUp()
        cls.addClassCleanup(service.cleanUp)
        fixtures.add_backup(id=ID)
        fixtures.add_job(id=ID)
        fixtures.add_schedule(id=ID)
        fixtures.add_cleanup(id=ID)
        cls.application = service.application
        cls.contract = contract.Checked(service.application)
        cls.document = webob.Request.blank('/v1/openapi.json').get_response(
            service.application).json

    def calls(self):
        for path, methods in self.document['paths'].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def values(self, schema):
        """Make values that a schema allows."""
        if '$ref' in schema:
            schema = self.document['components']['schemas'][
                schema['$ref'].rpartition('/')[2]]
        # Lengths, and the line end that Python's $ would let pass.
        return self.guess(schema).filter(types.Schema(schema).is_valid)

    def guess(self, schema):
        """Make values that it may allow; a keyword that is new to the
        document fails here."""
        rest = dict(schema)
        for name in ('description', 'x-openstack'):
            rest.pop(name, None)
        if 'anyOf' in rest:
            made = strategies.one_of(*map(self.values, rest.pop('anyOf')))
        elif 'enum' in rest:
            made = strategies.sampled_from(rest.pop('enum'))
        elif rest.pop('format', None) == 'uuid':
            # Or nothing of all would be found.
            made = strategies.just(ID) | strategies.from_regex(
                rest.pop('pattern'))
        elif 'pattern' in rest:
            made = strategies.from_regex(rest.pop('pattern'))
        elif 'items' in rest:
            made = self.lists(rest)
        elif 'propertyNames' in rest:
            made = strategies.dictionaries(
                self.values({'type': 'string', **rest.pop('propertyNames')}),
                self.values(rest.pop('additionalProperties')),
                max_size=rest.pop('maxProperties'))
        elif rest['type'] == 'object':
            made = self.objects(rest)
        else:
            made = {'integer': strategies.integers,
                    'number': strategies.floats,
                    'null': strategies.none,
                    'boolean': strategies.booleans}[rest['type']](*[
                        rest.pop(name) for name in ('minimum', 'maximum')
                        if name in rest])
        self.assertLessEqual(set(rest), {'type', 'minLength', 'maxLength'})
        return made

    def lists(self, rest):
        """Make values of the schema of a list."""
        return strategies.lists(
            self.values(rest.pop('items')),
            unique=rest.pop('uniqueItems', False),
            min_size=rest.pop('minItems', 0), max_size=rest.pop('maxItems'))

    def objects(self, rest):
        """Make values of the schema of an object with named members."""
        self.assertFalse(rest.pop('additionalProperties'))
        needed, more = rest.pop('required'), dict(rest.pop('properties'))
        return strategies.fixed_dictionaries(
            {name: self.values(more.pop(name)) for name in needed},
            optional={name: self.values(one) for name, one in more.items()})

    def requests(self, path, operation):
        """Make (arguments by place and name, body)."""
        needed, more = {}, {}
        for one in operation['parameters']:
            where = needed if one['required'] else more
            where[one['in'], one['name']] = self.values(one['schema'])
        body = strategies.none()
        if 'requestBody' in operation:
            if operation['requestBody']['required']:
                body = strategies.nothing()
            body |= self.values(operation['requestBody']['content'][
                'application/json']['schema'])
        return strategies.tuples(strategies.fixed_dictionaries(
            needed, optional=more), body)

    def ask(self, method, path, given, body):
        """Send a request; give its answer."""
        query, headers = [], {
            microversion.HEADER: microversion.value('latest')}
        for (place, name), value in given.items():
            if place == 'header':
                headers[name] = value
            elif place == 'path':
                path = path.replace(f'{{{name}}}', parse.quote(value, ''))
            else:
                query += [(name, one) for one in (
                    value if isinstance(value, list) else [value])]
        url = f'{path}?{parse.urlencode(query)}' if query else path
        request = webob.Request.blank(url, method=method, headers=headers)
        if body is not None:
            request.body = json.dumps(body).encode()
            request.content_type = 'application/json'
        return request.get_response(self.application)

    def demand(self, method, path, operation, given, body):
        """See that an answer is described, and refuses no argument."""
        answer = self.ask(method, path, given, body)
        status = answer.status_int
        said = f'{method} {path} {given} {body}: {answer.text[:500]}'
        self.assertLess(status, 500, said)
        self.assertIn(str(status), operation['responses'], said)
        self.assertNotEqual(415, status, said)
        if status == 202:  # or the next one would meet a busy target
            with session.writer() as connection:
                connection.execute(sa.update(models.Job.__table__).values(
                    state='error', holds=None))
        if status == 400:
            # Whether something is there, no schema can say, nor what the
            # field of an expression means.
            self.assertRegex(said, 'would keep no set|Argument (cron: |'
                             'marker: there is no|'
                             'timezone: must be the name|window_minutes: must '
                             'not be longer|jitter_seconds: must not be|'
                             'expires: |until: |then: there is no policy|'
                             'change_bytes: must not be more)')
        # What stands in the path may be what another path has.
        if parse.quote(''.join(value for (place, _name), value in
                               given.items() if place == 'path'),
                       '').isalnum():
            self.contract.check(method, path, answer)

    def test_what_the_schemas_allow_is_taken(self):
        for method, path, operation in self.calls():
            with self.subTest(f'{method} {path}'):
                @hypothesis.settings(SETTINGS, max_examples=30)
                @hypothesis.given(self.requests(path, operation))
                def take(request):
                    self.demand(method, path, operation, *request)
                take()

    def test_each_type_takes_what_its_schema_allows(self):
        for name, datatype in self.types().items():
            with self.subTest(name):
                made = self.values(datatype.schema)
                if isinstance(datatype, types.number):
                    made = made.map(str)

                @SETTINGS
                @hypothesis.given(made)
                def take(value):
                    datatype.frombasetype(value)
                take()

    def types(self):
        """Give every type of an argument, by what it is and its schema."""
        found = {}
        for methods in root.ROUTES.values():
            for function in methods.values():
                definition = function.call.definition
                taken = [one.datatype for one in definition.arguments]
                if definition.body_type:
                    taken.pop()
                    taken += [one.datatype for one in
                              definition.body_type._wsme_attributes]
                for one in taken:
                    found[f'{one.name} {one.schema}'] = one
        return found

    def test_the_last_value_that_is_allowed_is_taken(self):
        for body in ({'max_outage': '1440m'}, {'max_outage': '24.000h'},
                     {'max_outage': '86400s'}, {'max_outage': 86400},
                     {'max_outage': '86399.999'}):
            self.assertNotEqual(400, self.ask(
                'POST', '/v1/backup/overcloud', {}, body).status_int)

    def test_the_first_value_that_is_not_is_refused_by_both(self):
        rule = types.Schema(self.document['components']['schemas']['Options'])
        for body in ({'max_outage': '1441m'}, {'max_outage': '24.001h'},
                     {'max_outage': '85048m'}, {'max_outage': 86400.5},
                     {'max_outage': '1m\n'}, {'max_outage': True},
                     {'max_outage': '٣s'}, {'name': 'a\n'}, {'name': ''},
                     {'name': 'a' * 256}, {'name': None}, {'other': 1},
                     {'check_only': 'yes'}, {'name': '\ud800'}):
            with self.subTest(body):
                self.assertFalse(rule.is_valid(body))
                self.assertEqual(400, self.ask(
                    'POST', '/v1/backup/overcloud', {}, body).status_int)
