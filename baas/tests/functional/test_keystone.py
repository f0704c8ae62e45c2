# SPDX-License-Identifier: Apache-2.0
"""Tokens; the fixture of keystonemiddleware stands for the Identity
service."""
import unittest

from keystonemiddleware import fixture
from oslo_config import cfg
import webob

from baas.tests import fixtures


class KeystoneTest(unittest.TestCase):

    def setUp(self):
        self.tokens = fixture.AuthTokenFixture()
        self.tokens.setUp()
        self.addCleanup(self.tokens.cleanUp)
        self.service = fixtures.BaasFixture(auth='keystone', options={
            ('keystone_authtoken', 'www_authenticate_uri'):
                'http://identity.example.org',
            ('api', 'operators_project_id'): 'operators'})
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)

    def token(self, *roles, project='operators'):
        token = f'token-of-{"-".join(roles)}-{project}'
        self.tokens.add_token_data(
            token_id=token, user_id='u1', user_name='eve',
            project_id=project, user_domain_id='d', project_domain_id='d',
            role_list=list(roles))
        return token

    def ask(self, url, method='GET', **headers):
        return webob.Request.blank(url, method=method, headers=headers
                                   ).get_response(self.service.application)

    def test_a_request_without_a_token_is_sent_to_keystone(self):
        response = self.ask('/v1/backup')
        self.assertEqual(401, response.status_int)
        self.assertIn('http://identity.example.org',
                      response.headers['WWW-Authenticate'])
        self.assertEqual(401, response.json['errors'][0]['status'])
        self.assertEqual(response.headers['x-openstack-request-id'],
                         response.json['errors'][0]['request_id'])

    def test_an_unknown_token_is_refused(self):
        response = self.ask('/v1/backup', **{'X-Auth-Token': 'unknown'})
        self.assertEqual(401, response.status_int)

    def test_claims_beside_the_token_do_not_count(self):
        response = self.ask(
            '/v1/backup/overcloud', 'POST',
            **{'X-Auth-Token': self.token('reader'), 'X-Roles': 'admin'})
        self.assertEqual(403, response.status_int)

    def test_a_reader_looks_and_an_admin_acts(self):
        self.assertEqual(200, self.ask(
            '/v1/backup',
            **{'X-Auth-Token': self.token('reader')}).status_int)
        response = self.ask('/v1/backup/overcloud', 'POST',
                            **{'X-Auth-Token': self.token('admin')})
        self.assertEqual(202, response.status_int)
        self.assertEqual('u1', response.json['user_id'])

    def test_a_reader_of_another_project_does_not_look(self):
        for project in ('tenant', None):
            self.assertEqual(403, self.ask('/v1/backup', **{
                'X-Auth-Token': self.token('reader', project=project)
            }).status_int)

    def test_the_page_of_the_simulation_wants_a_token_as_its_call(self):
        page = '/v1/docs/simulation'
        self.assertEqual(401, self.ask(page).status_int)
        for project, status in (('tenant', 403), ('operators', 200)):
            self.assertEqual(status, self.ask(page, **{
                'X-Auth-Token': self.token('reader', project=project)
            }).status_int)

    def test_access_rules_are_of_our_type(self):
        self.assertEqual('control-plane-backup',
                         cfg.CONF.keystone_authtoken.service_type)

    def test_discovery_needs_no_token(self):
        for path in ('/', '/v1', '/v1/openapi.json', '/healthcheck'):
            self.assertEqual(200, self.ask(path).status_int)
