# SPDX-License-Identifier: Apache-2.0
"""A Keystone of one test's own, with the catalogue and users of a cloud."""
import pathlib
import shlex
import uuid

import requests

from baas.tests.integration import process

PASSWORD = 'of-the-tests'
PROJECT = 'operators'
USERS = {'ada': 'admin', 'mel': 'member', 'rea': 'reader'}
"""Users of the cloud, each with one role in :data:`PROJECT`."""
_MAKE = (pathlib.Path(__file__).parents[3] / 'tools' / 'environments'
         / 'make')


class Keystone:
    """Keystone from PyPI behind uWSGI, on SQLite.

    :param folder: where its data go (:class:`pathlib.Path`).
    :param service_url: endpoint of a service in its catalogue, by default
        of the backup service.
    :param kind: type of that service.
    """

    def __init__(self, folder, service_url, kind='control-plane-backup'):
        self._kind = kind
        self.port, self.service_url = process.free_port(), service_url
        self.url = f'http://127.0.0.1:{self.port}/v3'
        self._folder = folder / 'keystone'
        self._folder.mkdir()
        # Making it takes minutes, once a machine.
        self._bin = pathlib.Path(process.run(
            [_MAKE, 'keystone'], seconds=1200).strip()) / 'bin'
        self.process = process.Process('keystone', [
            self._bin / 'uwsgi', '--http-socket', f'127.0.0.1:{self.port}',
            # Or clients lose their second request of a connection.
            '--add-header', 'Connection: close', '--master', '--processes',
            '2', '--threads', '2', '--enable-threads', '--lazy-apps',
            '--die-on-term', '--buffer-size', '65535', '--module',
            'keystone.wsgi.api:application'], folder,
            {'OS_KEYSTONE_CONFIG_DIR': str(self._folder),
             'PATH': f'{self._bin}:/usr/bin:/bin'})

    def start(self):
        """Make everything, then serve; give itself."""
        self._configure()
        self.serve()
        self._fill()
        return self

    def serve(self):
        """Serve, or serve again."""
        self.process.start().wait_until(
            lambda: process.answers(self.port), 'Keystone listens')

    def stop(self):
        """End it."""
        self.process.stop(10)
        self.process.kill()

    def rc(self, user, password=PASSWORD, project=PROJECT):
        """Give the text of an rc file to source."""
        values = {'OS_AUTH_URL': self.url, 'OS_USERNAME': user,
                  'OS_PASSWORD': password, 'OS_PROJECT_NAME': project,
                  'OS_USER_DOMAIN_NAME': 'Default',
                  'OS_PROJECT_DOMAIN_NAME': 'Default',
                  'OS_REGION_NAME': 'RegionOne',
                  'OS_IDENTITY_API_VERSION': '3'}
        return ''.join(f'export {name}={shlex.quote(value)}\n'
                       for name, value in values.items())

    def token(self, user, scope=PROJECT):
        """Let a user in, over the API.

        :param scope: name of a project, or the whole scope as the API
            takes it (dict).
        :returns: the token, and what it is of (dict).
        """
        if not isinstance(scope, dict):
            scope = {'project': {'name': scope, 'domain': {'id': 'default'}}}
        return self._let_in({'methods': ['password'], 'password': {'user': {
            'name': user, 'domain': {'id': 'default'},
            'password': PASSWORD}}}, scope)

    def limited(self, user, *rules):
        """Make an application credential of a user and let it in.

        :param rules: what it may be used for: pairs of method and path of
            the service.
        :returns: its token.
        """
        token, known = self.token(user)
        made = self.ask('POST', f'users/{known["user"]["id"]}'
                        '/application_credentials', token,
                        application_credential={
                            'name': uuid.uuid4().hex, 'access_rules': [
                                {'service': self._kind, 'method': method,
                                 'path': path} for method, path in rules]}
                        ).json()['application_credential']
        return self._let_in({
            'methods': ['application_credential'], 'application_credential': {
                'id': made['id'], 'secret': made['secret']}})[0]

    def ask(self, method, path, token, **body):
        """Ask Keystone for something that must work."""
        answer = requests.request(
            method, f'{self.url}/{path}', headers={'X-Auth-Token': token},
            json=body or None, timeout=process.SECONDS)
        answer.raise_for_status()
        return answer

    def _let_in(self, identity, scope=None):
        auth = {'identity': identity, **({'scope': scope} if scope else {})}
        answer = requests.post(f'{self.url}/auth/tokens',
                               json={'auth': auth}, timeout=process.SECONDS)
        answer.raise_for_status()
        return answer.headers['X-Subject-Token'], answer.json()['token']

    def options(self):
        """Give section [keystone_authtoken] of the service, as text."""
        return (f'[keystone_authtoken]\n'
                f'www_authenticate_uri = {self.url}\n'
                f'auth_url = {self.url}\n'
                f'auth_type = password\n'
                f'username = baas\n'
                f'password = {PASSWORD}\n'
                f'user_domain_name = Default\n'
                f'project_name = service\n'
                f'project_domain_name = Default\n'
                f'service_token_roles_required = true\n')

    def _configure(self):
        here = self._folder
        (here / 'keystone.conf').write_text(
            f'[database]\nconnection = sqlite:///{here}/keystone.sqlite\n'
            f'[token]\nprovider = fernet\n'
            f'[fernet_tokens]\nkey_repository = {here}/fernet\n'
            f'[credential]\nkey_repository = {here}/credential\n'
            f'[cache]\nenabled = false\n')
        for name in ('fernet', 'credential'):
            (here / name).mkdir(0o700)
        self._manage('db_sync')
        self._manage('fernet_setup')
        self._manage('credential_setup')
        self._manage('bootstrap', '--bootstrap-password', PASSWORD,
                     '--bootstrap-public-url', self.url,
                     # The one that services ask, ours among them.
                     '--bootstrap-internal-url', self.url,
                     '--bootstrap-region-id', 'RegionOne')

    def _manage(self, verb, *words):
        keys = [] if verb in ('db_sync', 'bootstrap') else [
            '--keystone-user', 'root', '--keystone-group', 'root']
        process.run([self._bin / 'keystone-manage', '--config-file',
                     self._folder / 'keystone.conf', verb, *words, *keys])

    def _fill(self):
        """Do what an operator does to add the service to a cloud.

        One `openstack` reads all commands: each of its own takes seconds.
        """
        commands = [
            f'service create --name baas {self._kind}',
            f'endpoint create --region RegionOne {self._kind} public '
            f'{self.service_url}',
            'project create service',
            f'user create --password {PASSWORD} --project service baas',
            'role add --user baas --project service service',
            f'project create {PROJECT}']
        for user, role in USERS.items():
            commands += [
                f'user create --password {PASSWORD} {user}',
                f'role add --user {user} --project {PROJECT} {role}']
        rc = self._folder / 'admin.rc'
        rc.write_text(self.rc('admin', project='admin'))
        commands.append('role assignment list --names -f csv')
        # It ends with 1 whenever its input ends; what counts is the list.
        said = process.run(
            ['bash', '-c', f'. {shlex.quote(str(rc))}; openstack; true'],
            env=process.environment(), given='\n'.join(commands))
        for user, role in USERS.items():
            wanted = f'"{role}","{user}@Default","","{PROJECT}@Default"'
            if wanted not in said:
                raise AssertionError(f'{user} is no {role}: {said[-2000:]}')
