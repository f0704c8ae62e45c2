# SPDX-License-Identifier: Apache-2.0
"""Who may do what, over all routes."""
import pathlib
import tempfile
import unittest

from oslo_config import cfg
from oslo_policy import opts
import webob

from baas.api import auth
from baas.api import microversion
from baas.api import root
from baas.tests import fixtures
from baas.tests.functional import test_openapi

OPERATORS = 'f3c1b2a4d5e60718293a4b5c6d7e8f90'
ID = '00000000-0000-4000-8000-000000000001'


def calls():
    """Give (method, URL) of each call that needs a rule."""
    for path, methods in root.ROUTES.items():
        if path.rstrip('/') in auth.OPEN:
            continue
        url = path.format(id=ID, target='overcloud', nodeid='controller-0')
        for method in methods:
            yield method, url


class PolicyTest(unittest.TestCase):

    def setUp(self):
        self.service = fixtures.BaasFixture(auth='noauth', options={
            ('api', 'operators_project_id'): OPERATORS})
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)

    def ask(self, method, url, roles, project=OPERATORS):
        request = webob.Request.blank(url, method=method, headers={
            'X-Roles': roles, 'X-Project-Id': project,
            microversion.HEADER: microversion.value('latest')})
        if (method, url) in test_openapi.BODIES:
            request.json_body = test_openapi.BODIES[method, url]
            request.content_type = 'application/json'
        return request.get_response(self.service.application)

    def test_a_reader_cannot_act(self):
        for method, url in calls():
            if method == 'GET':
                continue
            with self.subTest(f'{method} {url}'):
                response = self.ask(method, url, 'reader,member')
                self.assertEqual(403, response.status_int)
                self.assertEqual('baas.request.forbidden',
                                 response.json['errors'][0]['code'])

    def test_a_reader_of_the_operators_can_look(self):
        for method, url in calls():
            if method == 'GET':
                with self.subTest(url):
                    self.assertIn(self.ask(method, url, 'reader').status_int,
                                  (200, 404))

    def test_a_reader_of_another_project_cannot(self):
        for method, url in calls():
            for project in (OPERATORS[:-1], '', 'None',
                            f'%({OPERATORS})s', '%(operators_project_id)s'):
                with self.subTest(f'{project}: {method} {url}'):
                    self.assertEqual(403, self.ask(
                        method, url, 'reader,member,manager', project
                    ).status_int)

    def test_where_no_project_is_named_readers_of_none_can_look(self):
        for named in (None, ''):
            cfg.CONF.set_override('operators_project_id', named, 'api')
            for project in ('', 'None', OPERATORS):
                with self.subTest(f'{named} {project}'):
                    self.assertEqual(403, self.ask(
                        'GET', '/v1/backup', 'reader', project).status_int)

    def test_a_project_named_none_is_not_that_of_who_has_none(self):
        cfg.CONF.set_override('operators_project_id', 'None', 'api')
        self.assertEqual(403, self.ask(
            'GET', '/v1/backup', 'reader', '').status_int)

    def test_nobody_else_can_do_anything(self):
        for method, url in calls():
            for roles in ('member', '', 'administrator'):
                with self.subTest(f'{roles}: {method} {url}'):
                    self.assertEqual(
                        403, self.ask(method, url, roles).status_int)

    def test_an_admin_can_do_everything(self):
        for method, url in calls():
            with self.subTest(f'{method} {url}'):
                self.assertIn(self.ask(method, url, 'admin').status_int,
                              (200, 201, 202, 204, 404))

    def test_who_may_not_learns_nothing_of_arguments(self):
        response = self.ask('POST', '/v1/backup/moon?x=1', 'reader')
        self.assertEqual(403, response.status_int)


class PolicyFileTest(unittest.TestCase):

    def test_a_policy_file_can_narrow_who_looks(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / 'policy.yaml'
        path.write_text('"baas:look": "role:operator"\n')
        opts.set_defaults(cfg.CONF)  # registers the section
        service = fixtures.BaasFixture(auth='noauth', options={
            ('oslo_policy', 'policy_file'): str(path)})
        service.setUp()
        self.addCleanup(service.cleanUp)
        for roles, status in (('reader', 403), ('operator', 200)):
            response = webob.Request.blank(
                '/v1/backup', headers={'X-Roles': roles}).get_response(
                    service.application)
            self.assertEqual(status, response.status_int)
