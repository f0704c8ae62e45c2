# SPDX-License-Identifier: Apache-2.0
"""What each program says when it cannot begin: one sentence, one hint, and
nothing is made."""
import socket
import subprocess
import sys
import unittest

from baas.tests.functional import starting

_CLIENT_ONLY = '''
import importlib.abc
import runpy
import sys


class Finder(importlib.abc.MetaPathFinder):
    """Knows nothing of what the client does not need."""

    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in sys.argv[2].split(','):
            raise ModuleNotFoundError(f'No module named {name!r}', name=name)


sys.meta_path.insert(0, Finder())
runpy.run_module(sys.argv[1], run_name='__main__')
'''
_SERVICE_ONLY = ('oslo_service,oslo_config,oslo_log,oslo_db,oslo_messaging,'
                 'sqlalchemy,alembic,pecan,wsme,ansible_runner,cheroot,'
                 'bcrypt,oslo_upgradecheck,paramiko,cryptography')


class StartTest(starting.StartTest):

    def test_an_option_that_nobody_knows_is_named_with_the_nearest(self):
        self.everywhere('has option moed in section [quiesce], which nobody '
                        'knows', 'hint: Write mode ', quiesce='moed = freeze')

    def test_a_section_that_nobody_knows_is_named_with_the_nearest(self):
        self.everywhere('has section [queisce]', 'hint: Write [quiesce] ',
                        queisce='mode = freeze')

    def test_a_time_limit_of_no_step_is_named_with_the_nearest(self):
        for value, wanted, hint in (
                ('backup/captur:1440', 'names backup/captur, which',
                 'hint: Write backup/capture'),
                ('backup/capture:long', 'backup/capture in [runner] '
                 'time_limits is long', 'hint: Write it as backup/capture:60'),
                ('backup/capture:0', 'is 0, which', 'backup/capture:60')):
            self.everywhere(wanted, hint, 'conductor',
                            runner=f'time_limits = {value}')

    def test_an_option_in_the_wrong_section_is_told_where_it_belongs(self):
        self.everywhere(
            'has option inventory in section [DEFAULT]',
            'hint: Move it to section [runner]', 'conductor',
            DEFAULT=f'state_path = {self.state}\ninventory = /x')

    def test_a_value_of_a_library_that_is_none_is_named(self):
        self.everywhere('heartbeat_rate of section [oslo_messaging_rabbit]',
                        'leave it out', 'conductor',
                        oslo_messaging_rabbit='heartbeat_rate = often')

    def test_a_file_that_is_no_configuration_is_named(self):
        self.everywhere('baas.conf', '--config-file', 'standalone', 'manage',
                        moment='quiesce_mode')

    def test_a_url_of_no_database_is_told_without_its_password(self):
        for url, programs in (
                ('nonsense:secret', ('standalone', 'api', 'manage')),
                ('oracel://baas:secret@host/baas', ('conductor',)),
                ('mysql+pymsql://baas:secret@host/baas', ('conductor',))):
            for program in programs:
                with self.subTest(url=url, program=program):
                    said = self.run_program(program, database=(
                        f'connection = {url}'))
                    self.assertIn('[database] connection is no URL', said)
                    self.assertNotIn('secret', said)
                    self.assertFalse(self.state.exists())

    def test_a_url_of_no_message_bus_is_told_without_its_password(self):
        for url in ('rabit://baas:secret@host/', 'rabbit://baas:secret@[:1/'):
            with self.subTest(url=url):
                self.everywhere(
                    '[DEFAULT] transport_url is no URL', 'rabbit://USER',
                    'conductor', 'api', DEFAULT=(
                        f'state_path = {self.state}\ntransport_url = {url}'))

    def test_a_database_that_does_not_answer_is_told(self):
        self.state.mkdir()
        for program in ('standalone', 'conductor', 'manage'):
            with self.subTest(program=program):
                said = self.run_program(program, database=(
                    'connection = mysql+pymysql://baas:secret@127.0.0.1:'
                    f'{self.port}/baas\nmax_retries = 0'))
                self.assertIn('error: The database cannot be used', said)
                self.assertNotIn('secret', said)

    def test_a_database_without_tables_is_told_with_the_command(self):
        self.state.mkdir()
        self.assertIn('baas-manage db sync', self.run_program('conductor'))

    def test_a_state_folder_that_cannot_be_made_is_named(self):
        self.everywhere('The state folder /dev/null/baas cannot be used',
                        'state_path', 'standalone', 'conductor',
                        DEFAULT='state_path = /dev/null/baas')

    def test_missing_playbooks_are_told(self):
        # Those of the checkout are found wherever the option points.
        done = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c',
             'import sys\nfrom baas.runner import playbook\n'
             'playbook.__file__ = "/nonexistent/a/b/c.py"\n'
             'from baas.cmd import conductor\n'
             'sys.exit(conductor.main(sys.argv[1:]))'],
            text=True, capture_output=True, timeout=60)
        self.assertEqual(1, done.returncode)
        self.assertIn('There are no playbooks in ',
                      self.demand_sentence(done.stderr))

    def test_an_inventory_that_is_not_there_is_named(self):
        self.everywhere('The inventory /nonexistent cannot be read',
                        '[runner] inventory', 'standalone', 'conductor',
                        runner='inventory = /nonexistent')

    def test_a_log_that_cannot_be_written_is_named(self):
        self.everywhere('The log cannot be written', 'log_file',
                        'standalone', 'conductor', 'api', 'manage',
                        DEFAULT=f'state_path = {self.state}\n'
                                'log_file = /dev/null/baas.log')


class ProcessTest(starting.StartTest):
    """Programs that load for themselves what they need."""
    run_to_end = staticmethod(starting.process)

    def test_a_value_that_is_none_is_named(self):
        self.everywhere('Option mode of section [quiesce] has a value that '
                        'is none', "found 'perhaps'", quiesce='mode = perhaps')

    def test_a_port_that_is_taken_is_named_and_nothing_is_made(self):
        with socket.create_server(('127.0.0.1', self.port)):
            self.everywhere(f'cannot listen on port {self.port} of 127.0.0.1',
                            'bind_port', 'standalone', 'api')

    def test_options_of_libraries_and_drivers_are_known(self):
        said = self.run_program(
            'conductor', DEFAULT=f'state_path = {self.state}\n'
            'transport_url = rabbit://\nlog-dir =\nrpc_response_timeout = 9',
            keystone_authtoken='auth_type = password\nusername = baas\n'
                               'password = x\nauth_url = http://x\n'
                               'project_domain_name = Default\n'
                               'service_token_roles_required = true\n'
                               'memcached_servers = a:11211',
            boot_ironic='auth_type = password\nusername = baas\n'
                        'password = x\nauth_url = http://x',
            oslo_messaging_rabbit='ssl = true\nrabbit_ha_queues = true',
            oslo_messaging_amqp='username = of-a-driver-that-is-not-here',
            oslo_policy='policy_file = policy.yaml',
            oslo_middleware='enable_proxy_headers_parsing = true',
            cors='allowed_origin = http://x',
            database='max_pool_size = 5')
        self.assertIn('db sync', said)


class InterruptTest(unittest.TestCase):

    def test_who_is_told_to_stop_while_it_is_loaded_says_nothing(self):
        script = _CLIENT_ONLY.replace(
            "ModuleNotFoundError(f'No module named {name!r}', name=name)",
            'KeyboardInterrupt')
        for program in starting.PROGRAMS:
            with self.subTest(program=program):
                said = subprocess.run(
                    [sys.executable, '-W', 'ignore', '-c', script,
                     f'baas.cmd.{program}', 'oslo_db'], text=True,
                    capture_output=True, timeout=60)
                self.assertEqual((130, '', ''), (
                    said.returncode, said.stdout, said.stderr))


class ClientOnlyTest(unittest.TestCase):

    def without_service(self, *argv):
        return subprocess.run(
            [sys.executable, '-W', 'ignore', *argv], text=True,
            capture_output=True, timeout=60)

    def test_each_program_says_that_the_service_is_not_installed(self):
        for program in starting.PROGRAMS:
            with self.subTest(program=program):
                done = self.without_service(
                    '-c', _CLIENT_ONLY, f'baas.cmd.{program}', _SERVICE_ONLY)
                self.assertEqual(1, done.returncode)
                StartTest.demand_sentence(self, done.stderr)
                self.assertIn('the service is not installed', done.stderr)
                self.assertIn("pip install 'openstack-baas[service]'",
                              done.stderr)

    def test_whoever_imports_us_stays_as_it_was(self):
        done = self.without_service(
            '-c', 'import os, sys\npath = os.environ["PATH"]\n'
            'import baas, baas.runner, baas.conf.opts\n'
            'print("eventlet" in sys.modules and sys.modules["eventlet"] '
            'is None, os.environ["PATH"] == path)')
        self.assertEqual('False True\n', done.stdout, done.stderr)


if __name__ == '__main__':
    unittest.main()
