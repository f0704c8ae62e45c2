# SPDX-License-Identifier: Apache-2.0
"""The real `openstack` shell, in processes of its own, against the service
in this one."""
import os
import subprocess
import sys
import threading
import uuid

import fixtures
from oslo_config import cfg
import testtools

from baas.api.http import server
from baas.tests import fixtures as service
from baas.tests import ports
from baasclient.tests import command
from baasclient.tests import conductor

SET = str(uuid.uuid4())


def add_set(**columns):
    """Write the three backups of the set :data:`SET`; give their ids."""
    return [service.add_backup(**{'node': node, 'set_id': SET, **columns})
            for node in conductor.NODES]


class ShellTestCase(testtools.TestCase):
    """A test with a service of its own.

    :cvar auth: ``[api] auth_strategy`` of the service.
    :cvar options: further options, as :class:`service.BaasFixture` takes
        them.
    :ivar url: where the service is.
    :ivar environment: variables that commands are given (dict).
    """
    auth = 'http_basic'
    options = {}

    def setUp(self):
        super().setUp()
        # What the service logs is shown with a failure, and only then.
        self.useFixture(fixtures.FakeLogger())
        self.service = self.useFixture(service.BaasFixture(
            self.auth, self.options))
        self.folder = self.useFixture(fixtures.TempDir()).path
        self.url = self.start_service(ports.free())
        self.environment = {
            # What a command runs is counted where lines are.
            **{name: value for name, value in os.environ.items()
               if name.startswith('COVERAGE_')},
            'HOME': self.folder, 'PATH': os.environ['PATH'],
            'LANG': 'C.UTF-8', 'PYTHONWARNINGS': 'ignore',
            'OS_AUTH_TYPE': 'http_basic', 'OS_ENDPOINT': self.url,
            'OS_USERNAME': service.USER, 'OS_PASSWORD': service.PASSWORD}

    def start_service(self, port):
        """Serve on a port of the loopback.

        :returns: the URL.
        """
        self._server = server.build(self.service.application, cfg.CONF,
                                    port=port)
        # What has begun is a long poll at most: not worth ten seconds.
        self._server.shutdown_timeout = 1
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve,
                                        daemon=True)
        self._thread.start()
        self.addCleanup(self._server.stop)
        return 'http://{}:{}'.format(*self._server.bind_addr[:2])

    def stop_service(self):
        """Stop to serve.

        :returns: the port that it served on.
        """
        port = self._server.bind_addr[1]
        self._server.stop()
        self._thread.join(10)
        return port

    def start(self, *arguments, **environment):
        """Begin a command.

        :param arguments: what comes after `openstack`.
        :param environment: variables to set as well; None unsets one.
        :returns: :class:`baasclient.tests.command.Running`.
        """
        variables = {
            name: value for name, value in
            {**self.environment, **environment}.items() if value is not None}
        running = command.Running(arguments, variables, self.folder)
        self.addCleanup(running.stop)
        return running

    def openstack(self, *arguments, code=0, **environment):
        """Run a command to its end, as :meth:`start`.

        :param code: the exit code that it must have.
        """
        ended = self.start(*arguments, **environment).finish()
        self.assertEqual(code, ended.code, ended.err + ended.out)
        self.assertNotIn('Traceback', ended.err)
        return ended

    def refused(self, *arguments, code=1, **environment):
        """Run a command that must fail.

        :returns: the lines that it writes on standard error.
        """
        ended = self.openstack(*arguments, code=code, **environment)
        self.assertEqual('', ended.out)
        return ended.err.splitlines()

    def real(self, arguments, **options):
        """Start a command as users do, by its name.

        :returns: :class:`subprocess.Popen`.
        """
        process = subprocess.Popen(
            # Tests that run in the background have interrupts ignored.
            ['env', '--default-signal=INT',
             sys.executable, '-m', 'openstackclient.shell', *arguments],
            env=self.environment, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process
