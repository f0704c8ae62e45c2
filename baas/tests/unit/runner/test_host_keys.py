# SPDX-License-Identifier: Apache-2.0
"""How Ansible is let in, and where it is not."""
import configparser
import functools
import getpass
import json
import os
import pathlib
import shlex
import shutil
import time

from baas.boot import rescue_ssh
from baas.runner import playbook
from baas.runner import settings
from baas.tests.unit import known_hosts

PLAYBOOKS = pathlib.Path(__file__).parents[4] / 'playbooks'
_PLAY = """\
- hosts: "{{ baas_nodes }}"
  gather_facts: false
  vars_files: %s
  tasks:
    - raw: touch {{ mark }}
"""


class AnsibleTest(known_hosts.SshTest):

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

    def test_where_a_socket_has_no_room_no_connection_stays_open(self):
        self.assertIn('ControlMaster=auto', self.ssh_words())
        self.conf.set_override('state_path', f'/{"long/" * 20}')
        words = self.ssh_words()
        self.assertIn('ControlMaster=no', words)
        self.assertIn('ControlPersist=no', words)
        self.assertIn('StrictHostKeyChecking=yes', words)

    def ssh_words(self):
        """Give the words that Ansible gives to ssh."""
        return shlex.split(settings.variables(self.conf)['ansible_ssh_args'])

    def argv(self, **given):
        """Run a play, and give the arguments with which ssh is called."""
        program = self.folder / 'recorder'
        program.write_text(known_hosts.RECORDER % shlex.quote(
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
        with known_hosts.environment(
                ANSIBLE_HOST_KEY_CHECKING='False',
                ANSIBLE_SSH_ARGS='-o StrictHostKeyChecking=no'):
            given = known_hosts.UNCHECKED
            seen = self.run_play({**given, 'ansible_ssh_common_args':
                                  '-F /dev/null '
                                  + given['ansible_ssh_common_args']})
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
        given = {**known_hosts.UNCHECKED, 'ansible_ssh_user': 'nobody',
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
        self.assertChecks(self.argv(variables=known_hosts.UNCHECKED))

    def test_by_hand_it_is_as_by_the_service(self):
        parser = configparser.ConfigParser()
        parser.read(PLAYBOOKS / 'ansible.cfg')
        self.assertEqual(settings.variables(self.conf)['ansible_ssh_args'],
                         parser['ssh_connection']['ssh_args'])

    def test_the_environment_of_the_service_is_not_kept(self):
        with known_hosts.environment(OS_DATABASE__CONNECTION='not to be kept'):
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

    def test_no_line_of_an_inventory_is_in_what_a_job_says(self):
        self.run_play()
        path = self.folder / 'hosts'
        path.write_text('[Controller]\nnode-0 x=y not-to-be-seen\n')
        self.conf.set_override('inventory', str(path), 'runner')
        seen = self.run_play()
        self.assertEqual('failed', seen.status)
        self.assertIn(f'does not understand the inventory {path}',
                      seen.trouble)
        self.assertNotIn('not-to-be-seen', repr(vars(seen)))
