# SPDX-License-Identifier: Apache-2.0
"""Every way in, with a real SSH server whose host key is another one than the
known one."""
import configparser
import contextlib
import functools
import getpass
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import time
import unittest

from oslo_config import cfg

from baas.barrier import connection
from baas.boot import rescue_ssh
from baas.conf import opts
from baas.node import errors
from baas.node.stores import sftp as sftp_store
from baas.runner import playbook
from baas.runner import settings
from baas import ssh
from baas.storage import base
from baas.storage.drivers import sftp
from baas.storage.drivers import ssh as storage_ssh
from baas.tests.unit.storage.drivers import sshd
from baas.tests.unit.storage import places

PLAYBOOKS = pathlib.Path(__file__).parents[3] / 'playbooks'
_PLAY = """\
- hosts: "{{ baas_nodes }}"
  gather_facts: false
  vars_files: %s
  tasks:
    - raw: touch {{ mark }}
"""
# Written down, and gone, as where nobody listens.
_RECORDER = """\
#!/bin/sh
for word; do printf '%%s\\n' "$word"; done > %s
exit 255
"""
# What TripleO and people of labs write.
UNCHECKED = {
    'ansible_host_key_checking': False, 'ansible_ssh_host_key_checking': False,
    'ansible_ssh_args': '-o StrictHostKeyChecking=no',
    'ansible_ssh_common_args': '-o StrictHostKeyChecking=no '
                               '-o UserKnownHostsFile=/dev/null',
    'ansible_ssh_extra_args': '-o StrictHostKeyChecking=accept-new'}


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


class AnsibleTest(SshTest):

    def setUp(self):
        super().setUp()
        self.mark = self.folder / 'was here'
        self.place = self.folder / 'playbooks'
        (self.place / 'steps' / 'backup').mkdir(parents=True)
        shutil.copy(PLAYBOOKS / 'ansible.cfg', self.place)
        self.conf.set_override('playbooks_dir', str(self.place), 'runner')
        self.conf.set_override('inventory', str(self.folder / 'hosts.json'),
                               'runner')

    def run_play(self, variables=None, rescue=None, files=()):
        """Run a play as a step of a job does; give its Progress."""
        (self.place / 'steps' / 'backup' / 'step.yaml').write_text(
            _PLAY % json.dumps([str(one) for one in files]))
        (self.folder / 'hosts.json').write_text(json.dumps(
            {'Controller': {'hosts': {'node-0': {
                'ansible_host': self.server.address,
                'ansible_port': self.server.port,
                'ansible_user': getpass.getuser(),
                'ansible_ssh_private_key_file': str(self.server.key),
                'ansible_ssh_common_args': self.pins(),
                'ansible_ssh_retries': 0, **(variables or {})}}}}))
        return playbook.run(
            'backup', 'step',
            {'baas_nodes': 'node-0', 'mark': shlex.quote(str(self.mark)),
             'baas_rescue': {'node-0': rescue}},
            work=self.folder / f'work-{time.monotonic()}', minutes=2,
            on_change=lambda seen: None, stop=lambda: False, conf=self.conf)

    def argv(self, **given):
        """Run a play, and give the arguments with which ssh is called."""
        program = self.folder / 'recorder'
        program.write_text(_RECORDER % shlex.quote(
            str(self.folder / 'words')))
        program.chmod(0o755)
        given['variables'] = {**given.get('variables', {}),
                              'ansible_ssh_executable': str(program)}
        self.run_play(**given)
        return ['ssh', *(self.folder / 'words').read_text().splitlines()]

    def rescue(self):
        return rescue_ssh.RescueSsh(
            self.server.address, self.server.port, getpass.getuser(),
            str(self.server.key), str(self.server.known_hosts), 'rescue-0')

    def test_a_node_with_the_known_key_is_let_in(self):
        seen = self.run_play()
        self.assertEqual(('successful', True),
                         (seen.status, self.mark.exists()), seen.failures)

    def test_a_node_with_another_key_is_not_logged_in_to(self):
        self.change_key()
        seen = self.run_play()
        self.assertEqual(('failed', False),
                         (seen.status, self.mark.exists()))
        self.assertIn('REMOTE HOST IDENTIFICATION HAS CHANGED',
                      seen.failures['node-0']['cause'])
        self.assertIn('Find out why', seen.failures['node-0']['hint'])

    def test_no_inventory_has_a_node_believed_whose_key_is_not_known(self):
        with environment(ANSIBLE_HOST_KEY_CHECKING='False',
                         ANSIBLE_SSH_ARGS='-o StrictHostKeyChecking=no'):
            seen = self.run_play({**UNCHECKED,
                                  'ansible_ssh_common_args': '-F /dev/null '
                                  + UNCHECKED['ansible_ssh_common_args']})
        self.assertEqual(('failed', False),
                         (seen.status, self.mark.exists()))
        self.assertIn('ssh-keyscan', seen.failures['node-0']['hint'])

    def test_the_operator_can_leave_it_to_the_inventory_in_words(self):
        self.conf.set_override('host_key_checking', 'inventory', 'runner')
        self.change_key()
        seen = self.run_play()  # which says nothing of it
        self.assertEqual(('failed', False),
                         (seen.status, self.mark.exists()))
        seen = self.run_play({'ansible_host_key_checking': False})
        self.assertEqual(('successful', True),
                         (seen.status, self.mark.exists()), seen.failures)

    def test_a_rescue_system_is_pinned_whatever_is_said_of_nodes(self):
        self.server.known_hosts.write_text(
            'rescue-0 ' + (self.server.folder / 'host_key.pub').read_text())
        files = [PLAYBOOKS / 'vars' / 'rescue.yaml']
        rescue = self.rescue().variables()
        given = {**UNCHECKED, 'ansible_ssh_user': 'nobody',
                 'ansible_ssh_host': '192.0.2.1', 'ansible_ssh_port': 1,
                 'ansible_connection': 'local'}
        seen = self.run_play(given, rescue, files)
        self.assertEqual(('successful', True),
                         (seen.status, self.mark.exists()), seen.failures)
        self.mark.unlink()
        self.server.known_hosts.write_text(
            'rescue-0 ' + self.server.make_key('other').with_suffix(
                '.pub').read_text())
        for mode in ('always', 'inventory'):
            with self.subTest(mode):
                self.conf.set_override('host_key_checking', mode, 'runner')
                seen = self.run_play(given, rescue, files)
                self.assertEqual(('failed', False),
                                 (seen.status, self.mark.exists()))

    def test_no_option_is_given_twice(self):
        argv = self.argv()
        self.assertNoOptionTwice(argv)
        self.assertChecks(argv)
        argv = self.argv(rescue=self.rescue().variables(),
                         files=[PLAYBOOKS / 'vars' / 'rescue.yaml'])
        self.assertNoOptionTwice(argv)
        self.assertChecks(argv)

    def test_of_two_values_the_first_is_ours(self):
        self.assertChecks(self.argv(variables=UNCHECKED))

    def test_by_hand_it_is_as_by_the_service(self):
        parser = configparser.ConfigParser()
        parser.read(PLAYBOOKS / 'ansible.cfg')
        self.assertEqual(settings.variables(self.conf)['ansible_ssh_args'],
                         parser['ssh_connection']['ssh_args'])

    def test_the_environment_of_the_service_is_not_kept(self):
        with environment(OS_DATABASE__CONNECTION='not to be kept'):
            self.run_play()
        for place, _, names in os.walk(self.folder):
            for name in filter(os.path.isfile, map(
                    functools.partial(os.path.join, place), names)):
                text = pathlib.Path(name).read_text(errors='replace')
                self.assertNotIn('not to be kept', text, name)

    def test_an_inventory_that_is_gone_is_no_inventory_without_nodes(self):
        self.run_play()
        self.conf.set_override('inventory', '/nonexistent/hosts', 'runner')
        self.mark.unlink()
        seen = self.run_play()
        self.assertEqual('failed', seen.status)
        self.assertIn('/nonexistent/hosts', seen.trouble)


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


class BarrierTest(SshTest):

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
                 + UNCHECKED['ansible_ssh_common_args'],
                 'extra_args': UNCHECKED['ansible_ssh_extra_args']}
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


class RescueTest(SshTest):

    def reach(self):
        return rescue_ssh.RescueSsh(
            self.server.address, self.server.port, getpass.getuser(),
            str(self.server.key), str(self.server.known_hosts))

    def test_only_one_with_the_known_key_calls_in(self):
        self.assertIsNone(self.reach().call())
        self.change_key()
        self.assertIn('Host key verification failed', self.reach().call())


class StorageTest(SshTest):

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
        (self.folder / 'ssh').write_text(_RECORDER % shlex.quote(
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
