# SPDX-License-Identifier: Apache-2.0
"""Tools of a checkout that log in to machines know their host keys."""
import getpass
import gzip
import pathlib
import re
import subprocess
import sys
import unittest

import baas
from baas.boot import rescue_ssh
from baas.tests.unit import known_hosts

TOOLS = pathlib.Path(baas.__file__).parent.parent / 'tools'
UNCHECKED = re.compile(r'StrictHostKeyChecking[=\'", ]+(no|accept-new|off)\b'
                       r'|UserKnownHostsFile[=\'", ]+/dev/null')


@unittest.skipUnless(TOOLS.exists(), 'An installed package has no tools')
class ToolsTest(unittest.TestCase):

    def test_none_accepts_a_host_key_at_first_sight(self):
        self.assertEqual([], [
            path.name for path in sorted(TOOLS.rglob('*'))
            if path.is_file() and path.suffix != '.pyc'
            and UNCHECKED.search(path.read_text(errors='replace'))])


@unittest.skipUnless(TOOLS.exists(), 'An installed package has no tools')
class RescueByHandTest(known_hosts.SshTest):
    """ReaR by hand, whose image has the host key of a server that runs."""

    def setUp(self):
        super().setUp()
        sys.path.insert(0, str(TOOLS))
        self.addCleanup(sys.path.remove, str(TOOLS))
        from benchmarks import rear
        self.rear = rear
        self.way = rescue_ssh.RescueSsh(
            self.server.address, self.server.port, getpass.getuser(),
            str(self.server.key), str(self.folder / 'known'), 'by-hand')

    def image(self, public):
        """Make an initrd that has a host key, as ReaR makes it."""
        place = self.folder / 'root' / 'etc' / 'ssh'
        place.mkdir(parents=True)
        (place / 'sshd_config').write_text('UsePAM no\n')
        if public:
            (place / 'ssh_host_ed25519_key.pub').write_text(
                public.read_text())
        names = subprocess.run(['find', '.'], cwd=self.folder / 'root',
                               stdout=subprocess.PIPE, check=True).stdout
        made = subprocess.run(
            ['cpio', '--quiet', '-o', '-H', 'newc'], input=names,
            cwd=self.folder / 'root', stdout=subprocess.PIPE, check=True)
        path = self.folder / 'initramfs.img'
        path.write_bytes(gzip.compress(made.stdout))
        return path

    def test_it_is_known_by_the_key_of_its_image(self):
        self.rear.pin(self.image(self.server.folder / 'host_key.pub'),
                      self.way)
        self.assertEqual('in\n', self.rear.run(self.way, 'echo in'))

    def test_who_has_another_key_is_not_logged_in_to(self):
        other = self.server.make_key('other').with_suffix('.pub')
        self.rear.pin(self.image(other), self.way)
        self.assertEqual('', self.rear.run(self.way, 'echo in'))

    def test_an_image_without_a_key_is_refused(self):
        with self.assertRaisesRegex(RuntimeError, 'has no etc/ssh/ssh_host'):
            self.rear.pin(self.image(None), self.way)


if __name__ == '__main__':
    unittest.main()
