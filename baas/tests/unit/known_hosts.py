# SPDX-License-Identifier: Apache-2.0
"""Tests with a real SSH server, and what is known of its host key."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from oslo_config import cfg

from baas.conf import opts
from baas.tests.unit.storage.drivers import sshd

# What TripleO and people of labs write.
UNCHECKED = {
    'ansible_host_key_checking': False, 'ansible_ssh_host_key_checking': False,
    'ansible_ssh_args': '-o StrictHostKeyChecking=no',
    'ansible_ssh_common_args': '-o StrictHostKeyChecking=no '
                               '-o UserKnownHostsFile=/dev/null',
    'ansible_ssh_extra_args': '-o StrictHostKeyChecking=accept-new'}

# Written down, and gone, as where nobody listens.
RECORDER = """\
#!/bin/sh
for word; do printf '%%s\\n' "$word"; done > %s
exit 255
"""


@contextlib.contextmanager
def environment(**values):
    """Have variables in the environment for a while."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def named(words):
    """Give the names of the options in arguments of ssh, as often as they
    stand there."""
    found = []
    for place, word in enumerate(words):
        if word == '-o':
            found.append(words[place + 1])
        elif word.startswith('-o'):
            found.append(word[2:])
    short = {'-p': 'Port', '-l': 'User', '-i': 'IdentityFile'}
    return ([one.partition('=')[0].strip().lower() for one in found]
            + [short[word].lower() for word in words if word in short])


@unittest.skipIf(sshd.missing(), sshd.missing())
class SshTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-ssh-'))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / 'sshd').mkdir()
        self.server = sshd.Server(self.folder / 'sshd')
        self.server.start()
        self.addCleanup(self.server.stop)
        self.conf = cfg.ConfigOpts()
        opts.register(self.conf)
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.conf.set_override('state_path', str(self.folder))

    def change_key(self):
        """Have another host key known than that of the server."""
        self.server.pin(self.server.make_key('other').with_suffix('.pub'))

    def pins(self):
        return (f'-F /dev/null -o UserKnownHostsFile='
                f'{self.server.known_hosts} '
                '-o GlobalKnownHostsFile=/dev/null')

    def assertNoOptionTwice(self, argv):
        names = named(argv)
        self.assertIn('stricthostkeychecking', names)
        self.assertEqual(sorted(set(names)), sorted(names), argv)

    def assertChecks(self, argv):
        """See what ssh itself makes of arguments."""
        done = subprocess.run(['ssh', '-G', *argv[1:]], capture_output=True,
                              text=True, check=True)
        self.assertIn('stricthostkeychecking true', done.stdout.splitlines())
