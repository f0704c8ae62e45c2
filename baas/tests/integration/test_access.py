# SPDX-License-Identifier: Apache-2.0
"""Whom the API lets look and act, told by tokens of a real Keystone."""
import contextlib
import unittest

from baas.tests.integration import keystone
from baas.tests.integration import process
from baas.tests.integration import service

TENANT = 'tenant'


class AccessTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(process.folder())
        parts = cls.enterClassContext(contextlib.ExitStack())
        database = f'sqlite:///{folder}/baas.sqlite'
        cls.service = service.Service(
            folder, database, 'kombu+memory://', process.free_port())
        cls.identity = keystone.Keystone(folder, cls.service.url)
        for part in (cls.identity, cls.service):
            parts.callback(part.stop)
        cls.identity.start()
        operators = cls.identity.token('ada')[1]['project']['id']
        cls.add_tenant()
        cls.service.configure(
            database, 'kombu+memory://',
            f'auth_strategy = keystone\noperators_project_id = {operators}\n'
            + cls.identity.options())
        cls.service.manage('db', 'sync')
        cls.service.start_api()

    @classmethod
    def add_tenant(cls):
        """Make rea a reader of another project, and a project of the name
        of the operators' in another domain with her as its reader."""
        admin, _known = cls.identity.token('admin', 'admin')
        _token, rea = cls.identity.token('rea')
        role = next(role['id'] for role in rea['roles']
                    if role['name'] == 'reader')
        domain = cls.identity.ask('POST', 'domains', admin, domain={
            'name': 'elsewhere'}).json()['domain']['id']
        for name, owner in ((TENANT, 'default'),
                            (keystone.PROJECT, domain)):
            made = cls.identity.ask('POST', 'projects', admin, project={
                'name': name, 'domain_id': owner}).json()['project']['id']
            cls.identity.ask('PUT', f'projects/{made}/users/'
                             f'{rea["user"]["id"]}/roles/{role}', admin)
        cls.domain = domain

    def status(self, token, method='GET', path='/v1/backup'):
        return self.service(method, path, headers={
            'X-Auth-Token': token}).status_code

    def test_a_reader_of_the_operators_looks(self):
        token, _known = self.identity.token('rea')
        self.assertEqual(200, self.status(token))
        self.assertEqual(403, self.status(token, 'POST',
                                          '/v1/backup/overcloud'))

    def test_a_reader_of_another_project_does_not(self):
        token, _known = self.identity.token('rea', TENANT)
        for path in ('/v1/backup', '/v1/job', '/v1/node', '/v1/restore'):
            self.assertEqual(403, self.status(token, path=path))

    def test_a_project_of_the_same_name_in_another_domain_does_not_count(
            self):
        token, _known = self.identity.token('rea', {'project': {
            'name': keystone.PROJECT, 'domain': {'id': self.domain}}})
        self.assertEqual(403, self.status(token))

    def test_a_token_of_the_system_is_of_no_project(self):
        token, known = self.identity.token('admin', {'system': {'all': True}})
        self.assertEqual({'all': True}, known['system'])
        self.assertEqual(403, self.status(token))

    def test_an_access_rule_lets_in_what_it_names(self):
        token = self.identity.limited('ada', ('GET', '/v1/backup'))
        self.assertEqual(200, self.status(token))

    def test_an_access_rule_lets_in_nothing_else(self):
        token = self.identity.limited('ada', ('GET', '/v1/backup'))
        for method, path in (('POST', '/v1/backup/overcloud'),
                             ('GET', '/v1/job'), ('GET', '/v1/backup/last')):
            with self.subTest(f'{method} {path}'):
                self.assertEqual(401, self.status(token, method, path))

    def test_the_rules_of_a_deployment_take_a_backup_and_watch_it(self):
        token = self.identity.limited(
            'ada', ('POST', '/v1/backup/overcloud'), ('GET', '/v1/job/*'))
        self.assertEqual(202, self.status(token, 'POST',
                                          '/v1/backup/overcloud'))
        self.assertEqual(404, self.status(
            token, path='/v1/job/00000000-0000-4000-8000-000000000001'))
        self.assertEqual(401, self.status(token, 'POST',
                                          '/v1/backup/undercloud'))

    def test_a_rule_gives_no_role(self):
        token = self.identity.limited(
            'rea', ('POST', '/v1/backup/overcloud'))
        self.assertEqual(403, self.status(token, 'POST',
                                          '/v1/backup/overcloud'))
