# SPDX-License-Identifier: Apache-2.0
import getpass
import socket

from baas.boot import rescue_ssh
from baas.tests.unit.boot.methods import contract
from baas.tests.unit.boot import site
from baas.tests.unit.storage.drivers import sshd


class SshBootTest(contract.BootContract, site.SiteTest):

    def setUp(self):
        super().setUp()
        place = self.folder / 'sshd'
        place.mkdir()
        self.server = sshd.Server(place)
        self.server.start()
        self.addCleanup(lambda: self.server.stop())
        self.configure('boot_ssh', user=getpass.getuser(),
                       private_key=str(self.server.key),
                       known_hosts=str(self.server.known_hosts))

    def machine(self, **values):
        return super().machine(**{'port': self.server.port, **values})

    def seen(self):
        return site.tree(self.images)

    def test_a_rescue_system_that_is_not_there_is_a_problem(self):
        self.server.stop()
        found, = self.boot().problems(self.machine())
        self.assertIn('cannot be reached at 127.0.0.1', found.cause)

    def test_one_that_lets_itself_be_called_and_says_nothing_is_a_problem(
            self):
        self.addCleanup(setattr, rescue_ssh, '_SECONDS', rescue_ssh._SECONDS)
        rescue_ssh._SECONDS = 1
        with socket.create_server(('127.0.0.1', 0)) as silent:
            found, = self.boot().problems(self.machine(
                port=silent.getsockname()[1]))
        self.assertIn('did not answer within 1 seconds', found.cause)

    def test_another_host_key_is_a_problem(self):
        self.server.pin(self.server.make_key('other').with_suffix('.pub'))
        found, = self.boot().problems(self.machine())
        self.assertIn('Host key verification failed', found.cause)
