# SPDX-License-Identifier: Apache-2.0
"""Ways in, with a real SSH server whose host key is another one than the
known one."""
import getpass
import os
import shlex
import shutil
import subprocess
import unittest

from oslo_config import cfg

from baas.barrier import connection
from baas.boot import rescue_ssh
from baas.conf import opts
from baas.node import errors
from baas.node.stores import sftp as sftp_store
from baas import ssh
from baas.storage import base
from baas.storage.drivers import sftp
from baas.storage.drivers import ssh as storage_ssh
from baas.tests.unit import known_hosts
from baas.tests.unit.storage import places


class BarrierTest(known_hosts.SshTest):

    def command(self, **given):
        return connection.command('node-0', {
            'host': self.server.address, 'port': self.server.port,
            'user': getpass.getuser(), 'key': str(self.server.key),
            'common_args': self.pins(), 'become': False, 'python': 'echo',
            'program': 'here', **given}, [])

    def said(self, **given):
        return subprocess.run(self.command(**given), capture_output=True,
                              text=True).stdout

    def test_only_a_node_with_the_known_key_is_logged_in_to(self):
        self.assertEqual('here\n', self.said())
        self.change_key()
        self.assertEqual('', self.said())
        link = connection.Connection(self.command(), {})
        self.addCleanup(link.close)
        while link.is_open:
            link.read()
        self.assertEqual('Host key verification failed', link.last_words())
        self.assertIn('Find out why', link.advice())

    def test_no_inventory_has_a_node_believed_whose_key_is_not_known(self):
        given = {'host_key_checking': False,
                 'common_args': '-F /dev/null '
                 + known_hosts.UNCHECKED['ansible_ssh_common_args'],
                 'extra_args':
                     known_hosts.UNCHECKED['ansible_ssh_extra_args']}
        self.assertChecks(self.command(**given))
        self.assertEqual('', self.said(**given))

    def test_the_operator_can_leave_it_to_the_inventory_in_words(self):
        self.change_key()
        self.assertEqual('', self.said(host_keys='inventory'))
        self.assertEqual('here\n', self.said(host_keys='inventory',
                                             host_key_checking=False))

    def test_no_option_is_given_twice(self):
        self.assertNoOptionTwice(self.command())
        self.assertChecks(self.command())


class RescueTest(known_hosts.SshTest):

    def reach(self):
        return rescue_ssh.RescueSsh(
            self.server.address, self.server.port, getpass.getuser(),
            str(self.server.key), str(self.server.known_hosts))

    def test_only_one_with_the_known_key_calls_in(self):
        self.assertIsNone(self.reach().call())
        self.change_key()
        self.assertIn('Host key verification failed', self.reach().call())


class StorageTest(known_hosts.SshTest):

    def setUp(self):
        super().setUp()
        for name, value in self.server.options(self.folder).items():
            self.conf.set_override(name, value, 'storage_sftp')
        self.run = self.folder / 'run'
        self.run.mkdir()
        shutil.copy(self.server.key, self.run / storage_ssh.KEY)
        self.words = storage_ssh.words(self.run)

    def known(self):
        shutil.copy(self.server.known_hosts,
                    self.run / storage_ssh.KNOWN_HOSTS)

    def store(self):
        return sftp_store.Sftp({
            'kind': 'sftp', 'host': self.server.address,
            'port': self.server.port, 'user': getpass.getuser(),
            'path': str(self.folder), 'ssh': self.words}, str)

    def test_the_service_logs_in_to_none_but_the_known_one(self):
        storage = sftp.SftpStorage(self.conf)
        self.addCleanup(storage.close)
        storage.check()
        self.change_key()
        storage = sftp.SftpStorage(self.conf)
        self.addCleanup(storage.close)
        with self.assertRaisesRegex(base.StorageError, 'another host key'):
            storage.check()

    def test_a_node_logs_in_to_none_but_the_known_one(self):
        self.known()
        self.store().close()
        self.change_key()
        self.known()
        with self.assertRaisesRegex(errors.NodeError, 'Host key'):
            self.store()

    def restic(self, **environment):
        storage = sftp.SftpStorage(self.conf)
        self.addCleanup(storage.close)
        return subprocess.run(
            [places.restic(), *storage.restic_args(str(self.run)),
             '-r', storage.repository('node-0'), 'init'],
            capture_output=True, text=True, timeout=60, env={
                **os.environ, 'RESTIC_PASSWORD': 'secret',
                'RESTIC_CACHE_DIR': str(self.folder / 'cache'),
                **environment})

    def test_restic_logs_in_to_none_but_the_known_one(self):
        self.change_key()
        self.known()
        done = self.restic()
        self.assertNotEqual(0, done.returncode)
        self.assertFalse((self.folder / 'node-0').exists())
        self.server.pin(self.server.folder / 'host_key.pub')
        self.known()
        self.assertEqual(0, self.restic().returncode)
        self.assertTrue((self.folder / 'node-0').exists())

    def test_no_option_is_given_twice(self):
        argv = ['ssh', *self.words, '-p', '22', '-l', 'user', '--', 'host']
        self.assertNoOptionTwice(argv)
        self.assertChecks(argv)
        (self.folder / 'ssh').write_text(known_hosts.RECORDER % shlex.quote(
            str(self.folder / 'words')))
        (self.folder / 'ssh').chmod(0o755)
        self.restic(PATH=f'{self.folder}:{os.environ["PATH"]}')
        argv = ['ssh', *(self.folder / 'words').read_text().splitlines()]
        self.assertNoOptionTwice(argv)
        self.assertChecks(argv)


class WordsTest(unittest.TestCase):

    def test_an_ipv6_address_is_in_brackets_and_nothing_else(self):
        for host, shown in (('2001:db8::5', '[2001:db8::5]'),
                            ('192.0.2.5', '192.0.2.5'),
                            ('storage.example', 'storage.example')):
            conf = cfg.ConfigOpts()
            opts.register(conf)
            conf([], default_config_files=[], default_config_dirs=[])
            for name, value in {'host': host, 'user': 'baas', 'path': '/b',
                                'private_key': '/k', 'known_hosts': '/h',
                                }.items():
                conf.set_override(name, value, 'storage_sftp')
            self.assertEqual(f'sftp://baas@{shown}:22/b',
                             sftp.SftpStorage(conf).location)

    def test_advice_is_given_for_host_keys_only(self):
        self.assertIsNone(ssh.advice('Connection refused'))
        self.assertIn('ssh-keyscan', ssh.advice(
            'No ED25519 host key is known for x and you have requested '
            'strict checking.'))
