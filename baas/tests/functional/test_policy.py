# SPDX-License-Identifier: Apache-2.0
"""Who may do what, over all routes."""
import pathlib
import tempfile
import unittest

from oslo_config import cfg
from oslo_policy import opts
import webob

from baas.api import auth
from baas.api import root
from baas.tests import fixtures

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
        self.service = fixtures.BaasFixture(auth='noauth')
        self.service.setUp()
        self.addCleanup(self.service.cleanUp)

    def ask(self, method, url, roles):
        return webob.Request.blank(
            url, method=method, headers={'X-Roles': roles}).get_response(
                self.service.application)

    def test_a_reader_cannot_act(self):
        for method, url in calls():
            if method == 'GET':
                continue
            with self.subTest(f'{method} {url}'):
                response = self.ask(method, url, 'reader,member')
                self.assertEqual(403, response.status_int)
                self.assertEqual('baas.request.forbidden',
                                 response.json['errors'][0]['code'])

    def test_a_reader_can_look(self):
        for method, url in calls():
            if method == 'GET':
                with self.subTest(url):
                    self.assertIn(self.ask(method, url, 'reader').status_int,
                                  (200, 404))

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
                              (200, 202, 404))

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
