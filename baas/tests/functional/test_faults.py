# SPDX-License-Identifier: Apache-2.0
"""What breaks behind the API, and what callers see of it."""
import logging
import unittest

import sqlalchemy as sa
import webob

from baas.api import faults
from baas.db import session
from baas.tests import fixtures


class FaultsTest(unittest.TestCase):

    def setUp(self):
        self.service = fixtures.BaasFixture(auth='noauth')
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def ask(self, url, method='GET', application=None):
        response = webob.Request.blank(url, method=method).get_response(
            application or self.service.application)
        return response, response.json['errors'][0]

    def test_a_schema_that_is_not_there_is_503(self):
        with session.engine().begin() as connection:
            connection.execute(sa.text('DROP TABLE backups'))
        response, error = self.ask('/v1/backup')
        self.assertEqual(503, response.status_int)
        self.assertEqual('baas.database.away', error['code'])
        self.assertIn('request id', error['hint'])
        self.assertNotIn('backups', response.text.replace('/v1/backup', ''))

    def test_a_database_that_is_away_is_503(self):
        session.engine().dispose()
        (self.service.folder / 'baas.sqlite').unlink()
        (self.service.folder / 'baas.sqlite').mkdir()
        response, _error = self.ask('/v1/job')
        self.assertEqual(503, response.status_int)

    def test_an_inventory_that_is_away_names_no_path(self):
        self.service.conf.config(group='runner', inventory='/nowhere/hosts')
        response, error = self.ask('/v1/node')
        self.assertEqual(503, response.status_int)
        self.assertEqual('baas.inventory.unreadable', error['code'])
        self.assertNotIn('/nowhere', response.text)

    def test_the_log_has_its_cause_in_one_line(self):
        logging.disable(logging.NOTSET)
        self.service.conf.config(group='runner', inventory='/no/such')
        with self.assertLogs('baas.api.faults', 'ERROR') as logged:
            self.ask('/v1/node')
        [record] = logged.records
        self.assertIsNone(record.exc_info)
        self.assertRegex(record.getMessage(), '^Inventory unreadable: The '
                         'inventory /no/such cannot be read: .*Set .runner.')

    def test_a_bug_tells_nothing(self):
        def broken(_environ, _start_response):
            raise KeyError('secret')
        response, error = self.ask('/v1', application=faults.Faults(broken))
        self.assertEqual(500, response.status_int)
        self.assertEqual('baas.internal', error['code'])
        self.assertNotIn('secret', response.text)

    def test_an_error_of_a_library_keeps_its_headers_only(self):
        def foreign(environ, start_response):
            return webob.Response(
                '<h1>secret</h1>', status=405, headers={'Allow': 'GET'})(
                    environ, start_response)

        def raised(_environ, _start_response):
            raise webob.exc.HTTPMethodNotAllowed(
                'secret', headers={'Allow': 'GET'})

        for application in (foreign, raised):
            response, error = self.ask(
                '/v1', application=faults.Faults(application))
            self.assertEqual((405, 'GET'), (response.status_int,
                                            response.headers['Allow']))
            self.assertEqual('application/json', response.content_type)
            self.assertEqual('baas.request.method_not_allowed',
                             error['code'])
            self.assertNotIn('secret', response.text)


class LinksTest(unittest.TestCase):

    def first_link(self, options, **headers):
        service = fixtures.BaasFixture(auth='noauth', options=options)
        service.setUp()
        self.addCleanup(service.cleanUp)
        return webob.Request.blank('/', headers=headers).get_response(
            service.application).json['versions'][0]['links'][0]['href']

    def test_links_begin_with_the_public_url(self):
        self.assertEqual(
            'https://cloud.example.org/backup/v1/',
            self.first_link({('api', 'public_url'):
                             'https://cloud.example.org/backup/'}))

    def test_links_follow_a_proxy_that_may_be_believed(self):
        self.assertEqual(
            'https://cloud.example.org/v1/',
            self.first_link(
                {('oslo_middleware', 'enable_proxy_headers_parsing'): True},
                **{'X-Forwarded-Proto': 'https',
                   'X-Forwarded-Host': 'cloud.example.org'}))

    def test_links_follow_no_stranger(self):
        self.assertEqual(
            'http://localhost/v1/',
            self.first_link({}, **{'X-Forwarded-Host': 'evil.example.org'}))
