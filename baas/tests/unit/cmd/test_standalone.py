# SPDX-License-Identifier: Apache-2.0
"""The password that the first start makes."""
import base64
import subprocess

import webob

from baas.api import app
from baas.cmd import standalone
from baas.tests.unit.db import database


class PasswordTest(database.DatabaseTest):

    def setUp(self):
        super().setUp()
        self.users, self.rc = (self.folder / name for name in (
            'users', standalone.RC_FILE))
        self.conf = standalone.cfg.CONF
        for name, value in (('http_basic_auth_user_file', str(self.users)),
                            ('auth_strategy', 'http_basic')):
            self.conf.set_override(name, value, 'api')
            self.addCleanup(self.conf.clear_override, name, 'api')

    def variables(self):
        """Give what a shell has that has read the file."""
        said = subprocess.run(
            ['bash', '-c', f'OS_CLOUD=other; export OS_CLOUD; . {self.rc}; '
                           'env'], check=True, text=True,
            capture_output=True).stdout
        return dict(line.split('=', 1) for line in said.splitlines()
                    if line.startswith('OS_'))

    def status(self, user, password):
        """Ask the API as somebody; give the status."""
        token = base64.b64encode(f'{user}:{password}'.encode()).decode()
        request = webob.Request.blank('/v1/backup', headers={
            'Authorization': f'Basic {token}'})
        return request.get_response(app.build(self.conf)).status_int

    def test_whoever_reads_the_file_is_let_in_and_nobody_else(self):
        with self.assertLogs(standalone.LOG.logger, 'WARNING') as logged:
            standalone._make_password(self.conf, self.folder)
        given = self.variables()
        self.assertEqual(
            {'OS_AUTH_TYPE': 'http_basic',
             'OS_ENDPOINT': f'http://127.0.0.1:{self.conf.api.bind_port}'},
            {name: given[name] for name in ('OS_AUTH_TYPE', 'OS_ENDPOINT')})
        self.assertNotIn('OS_CLOUD', given)
        password = given['OS_PASSWORD']
        self.assertEqual(200, self.status(given['OS_USERNAME'], password))
        self.assertEqual(401, self.status(given['OS_USERNAME'], 'x'))
        self.assertIn(str(self.rc), logged.output[0])
        self.assertNotIn(password, logged.output[0])
        for path in (self.users, self.rc):
            self.assertEqual(0o600, path.stat().st_mode & 0o777)
        self.assertNotIn(password, self.users.read_text())

    def test_a_password_that_is_there_is_kept(self):
        self.users.write_text('')
        standalone._make_password(self.conf, self.folder)
        self.assertEqual('', self.users.read_text())
        self.assertFalse(self.rc.exists())
