# SPDX-License-Identifier: Apache-2.0
"""The API in the server of somebody else."""
import os
import re
import subprocess
import sys
import unittest

from baas.tests.functional import starting


class WsgiTest(starting.StartTest):

    def setUp(self):
        super().setUp()
        self.config = self.folder / 'baas.conf'
        self.config.write_text(
            f'[DEFAULT]\nstate_path = {self.folder}\n'
            f'[api]\nauth_strategy = noauth\nbind_port = {self.port}\n')

    def test_the_wsgi_module_reads_no_arguments(self):
        done = self.wsgi(
            'import webob; print(webob.Request.blank("/").get_response('
            'api.application).status)')
        self.assertEqual('200 OK\n', done.stdout, done.stderr)

    def wsgi(self, after='pass'):
        """Import the module as a server does; give how that ended."""
        return subprocess.run(
            [sys.executable, '-W', 'ignore', '-c',
             'import os, sys; sys.argv = ["server", "--workers", "8"]; '
             f'from baas.wsgi import api; {after}'], text=True, timeout=60,
            capture_output=True, env={
                **os.environ, 'OS_BAAS_CONFIG_FILES': str(self.config)})

    def test_the_wsgi_module_refuses_what_baas_api_refuses(self):
        good = self.config.read_text()
        before = sorted(self.folder.iterdir())
        for text, wanted, hint in (
                ('[api]\ntreads = 8\n', 'has option treads in section [api]',
                 'Write threads'),
                ('[quiesce]\nmode = perhaps\n', 'a value that is none',
                 'Correct it'),
                ('[DEFAULT]\ntransport_url = rabit://x\n',
                 'transport_url is no URL', 'Write it like rabbit://')):
            self.config.write_text(good + text)
            done = self.wsgi()
            self.assertEqual(1, done.returncode, text)
            # Once there is a log, the traceback goes there.
            said = done.stdout + done.stderr
            self.assertRegex(said, f'{re.escape(wanted)}.*\\.\\n'
                                   f'.*  hint: {hint}')
            self.assertEqual(before, sorted(self.folder.iterdir()))

    def test_what_the_wsgi_module_makes_is_for_its_user_alone(self):
        done = self.wsgi('print(oct(os.umask(0)))')
        self.assertEqual('0o77\n', done.stdout, done.stderr)


if __name__ == '__main__':
    unittest.main()
