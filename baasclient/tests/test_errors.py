# SPDX-License-Identifier: Apache-2.0
"""What goes wrong between shell and service is told in one sentence, with
one more about what to do."""
import json
import os
import pathlib
import threading
from wsgiref import simple_server

from keystoneauth1 import fixture

from baas.api import microversion
from baas.tests import fixtures as service
from baasclient.tests import base

LIST = ('overcloud', 'backup', 'list')


class _Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *_arguments):
        pass


def serve(test, application):
    """Serve an application that is not ours until the test ends.

    :returns: its URL.
    """
    server = simple_server.make_server('127.0.0.1', 0, application,
                                       handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return 'http://127.0.0.1:%d' % server.server_port


def page(_environ, start_response):
    """Answer as some web page does."""
    start_response('200 OK', [('Content-Type', 'text/html')])
    return [b'<html>It works!</html>']


class ErrorsTest(base.ShellTestCase):
    def test_a_wrong_password_is_told(self):
        lines = self.refused(*LIST, OS_PASSWORD='wrong')
        self.assertEqual(
            'The request has no valid user name and password.', lines[0])
        self.assertRegex(lines[2], r'^Request id: req-\S+ \(HTTP 401\)$')

    def test_a_service_that_is_down_is_told(self):
        self.stop_service()
        for command in (LIST, ('backup', 'create', 'overcloud', '--wait')):
            self.assertEqual(
                ['The BaaS service at %s does not answer: the connection is '
                 'refused.' % self.url,
                 'Check that it runs there, and that the endpoint is right '
                 '(OS_ENDPOINT, clouds.yaml or the service catalogue).'],
                self.refused(*command))

    def test_an_unknown_host_is_told(self):
        lines = self.refused(*LIST, OS_ENDPOINT='http://moon.invalid')
        self.assertEqual('The BaaS service at http://moon.invalid does not '
                         'answer: its name is unknown.', lines[0])

    def test_no_endpoint_is_told(self):
        lines = self.refused(*LIST, OS_ENDPOINT=None)
        self.assertIn('There is no endpoint of service type '
                      'control-plane-backup', lines[0])
        self.assertIn('OS_ENDPOINT', lines[1])

    def test_an_endpoint_of_something_else_is_told(self):
        lines = self.refused(*LIST, OS_ENDPOINT=serve(self, page))
        self.assertIn('does not answer as the BaaS service does.', lines[0])
        self.assertIn('Check that the endpoint', lines[1])

    def test_an_endpoint_may_have_the_version(self):
        self.openstack(*LIST, OS_ENDPOINT=self.url + '/v1/')

    def test_a_version_that_the_client_does_not_speak_is_told(self):
        lines = self.refused(*LIST, OS_BAAS_API_VERSION='7')
        self.assertIn('does not speak version 7 of the BaaS API', lines[0])
        for version in ('1', '1.0', '1.1', 'latest'):
            self.openstack('--os-baas-api-version', version, *LIST)

    def test_a_service_that_is_older_than_the_client_serves_it(self):
        newest = microversion.VERSIONS.pop()
        self.addCleanup(microversion.VERSIONS.append, newest)
        self.openstack(*LIST)
        lines = self.refused('--os-baas-api-version', newest, *LIST)
        self.assertEqual('Ask for one from 1.0 to 1.0, or for latest.',
                         lines[1])

    def test_clouds_yaml_is_enough(self):
        clouds = pathlib.Path(self.folder, 'clouds.yaml')
        clouds.write_text(
            'clouds: {lab: {auth_type: http_basic, auth: {endpoint: "%s", '
            'username: %s, password: %s}}}\n' % (
                self.url, service.USER, service.PASSWORD))
        id = service.add_backup()
        listed = self.openstack(
            '--os-cloud', 'lab', *LIST, '-f', 'json',
            **{name: None for name in self.environment
               if name.startswith('OS_')},
            OS_CLIENT_CONFIG_FILE=str(clouds))
        self.assertEqual(id, listed.json[0]['ID'])


class NoAuthTest(base.ShellTestCase):
    auth = 'noauth'

    def setUp(self):
        super().setUp()
        self.endpoint = self.url
        self.keystone = serve(self, self.identity)

    def identity(self, environ, start_response):
        """Answer as Keystone does, and give everybody a token."""
        if environ['REQUEST_METHOD'] == 'GET':
            start_response('200 OK', [('Content-Type', 'application/json')])
            return [json.dumps({'version': fixture.V3Discovery(
                self.keystone + '/v3')}).encode()]
        token = fixture.V3Token()
        token.set_project_scope()
        if self.endpoint:
            entry = token.add_service('control-plane-backup', 'baas')
            entry.add_standard_endpoints(
                public=self.endpoint, internal='http://127.0.0.1:1',
                region='Earth')
        start_response('201 Created', [
            ('Content-Type', 'application/json'),
            ('X-Subject-Token', os.urandom(8).hex())])
        return [json.dumps(token).encode()]

    def with_keystone(self, run, *arguments, **environment):
        """Run a command as after sourcing stackrc."""
        return run(*arguments, **{
            'OS_AUTH_TYPE': None, 'OS_ENDPOINT': None,
            'OS_AUTH_URL': self.keystone + '/v3', 'OS_PROJECT_NAME': 'admin',
            'OS_USER_DOMAIN_NAME': 'Default',
            'OS_PROJECT_DOMAIN_NAME': 'Default', **environment})

    def test_no_authentication_needs_an_endpoint_alone(self):
        self.openstack(*LIST, OS_AUTH_TYPE='none', OS_USERNAME=None,
                       OS_PASSWORD=None)

    def test_the_endpoint_comes_from_the_catalogue(self):
        id = service.add_backup()
        listed = self.with_keystone(self.openstack, *LIST, '-f', 'json')
        self.assertEqual(id, listed.json[0]['ID'])

    def test_interface_and_region_choose_the_endpoint(self):
        lines = self.with_keystone(self.refused, *LIST,
                                   OS_INTERFACE='internal')
        self.assertIn('http://127.0.0.1:1 does not answer', lines[0])
        lines = self.with_keystone(self.refused, *LIST, OS_REGION_NAME='Moon')
        self.assertIn('There is no endpoint', lines[0])

    def test_a_catalogue_without_the_service_is_told(self):
        self.endpoint = None
        lines = self.with_keystone(self.refused, *LIST)
        self.assertIn('There is no endpoint of service type '
                      'control-plane-backup', lines[0])

    def test_the_endpoint_can_be_overridden(self):
        endpoint, self.endpoint = self.endpoint, None
        self.with_keystone(
            self.openstack, *LIST,
            OS_CONTROL_PLANE_BACKUP_ENDPOINT_OVERRIDE=endpoint)
