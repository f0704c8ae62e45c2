# SPDX-License-Identifier: Apache-2.0
"""Files, paths and drivers with which no program begins."""
from baas import keys
from baas.tests.functional import forked
from baas.tests.functional import starting


class RefusedTest(starting.StartTest):

    def test_a_path_that_depends_on_where_one_is_is_refused(self):
        for section, option in (
                ('DEFAULT', 'state_path'), ('payload', 'key_file'),
                ('storage_file', 'path'), ('storage_sftp', 'private_key'),
                ('runner', 'inventory'), ('boot', 'images_dir')):
            self.everywhere(
                f'Option {option} of section [{section}] has a value that is '
                'none: state is no absolute path', 'Correct it', 'conductor',
                **{section: f'{option} = state'})
        self.everywhere('Option state_path of section [DEFAULT]', 'Correct',
                        DEFAULT='state_path = state')
        self.everywhere('[database] connection is no URL', 'SQLite file',
                        'conductor', 'manage',
                        database='connection = sqlite:///baas.sqlite')

    def test_a_file_that_everybody_can_write_to_is_not_trusted(self):
        users = self.folder / 'htpasswd'
        users.write_text('admin:$2y$04$' + 'a' * 53 + '\n')
        users.chmod(0o666)
        self.everywhere(
            f'The password file {users} cannot be used: everybody can write',
            f'chmod o-w {users}', 'api',
            api=f'http_basic_auth_user_file = {users}\n'
                f'bind_port = {self.port}')
        users.unlink()
        config = self.folder / 'baas.conf'
        config.touch()
        config.chmod(0o666)
        self.everywhere(f'Everybody can write to {config}', 'chmod o-w',
                        'conductor', 'api')

    def test_a_database_that_is_none_is_told(self):
        (self.folder / 'bad.sqlite').write_bytes(b'garbage' * 999)
        self.everywhere(
            'The file of the database is no database', 'Put the copy',
            'standalone', 'conductor', 'api', 'manage',
            database=f'connection = sqlite:///{self.folder}/bad.sqlite')

    def test_a_policy_file_without_rules_is_told(self):
        rules = self.folder / 'policy.yaml'
        self.state.mkdir()
        more = self.folder / 'policy.d' / 'more.yaml'
        more.parent.mkdir()
        more.write_text('a: 1')
        for text, why in (
                (': [', ''), ('- a\n- b\n', 'it has no names of rules'),
                ('\xff\xfe', ''),
                ('a: {b: 1}', 'rule a is no text'),
                ('a: 1', 'rule a is no text'), ('a:', 'rule a is no text'),
                ('a: [[1]]', 'rule a is no text'),
                ('a: role:admin and', 'rule a cannot be understood: role:'),
                ('a: admin', 'rule a cannot be understood: admin'),
                ('a: not ! or admin', 'rule a cannot be understood')):
            rules.write_text(text, 'latin-1')
            self.everywhere(f'The policy file {rules} cannot be used: {why}',
                            'oslopolicy-validator', 'api',
                            oslo_policy=f'policy_file = {rules}')
        rules.unlink()
        self.everywhere(
            f'The policy file {more} cannot be used: rule a is no text',
            'oslopolicy-validator', 'api',
            oslo_policy=f'policy_dirs = {more.parent}')

    def test_bytes_that_are_no_text_are_named(self):
        self.everywhere('NUL byte in option inventory of section [runner]',
                        'Write it anew', 'conductor', 'api',
                        runner='inventory = /x\0y')
        config = self.folder / 'bad.conf'
        config.write_bytes(b'[DEFAULT]\n# \xff\n')
        done = forked.run('conductor', '--config-file', str(config))
        self.assertIn('bad.conf is no text in UTF-8: its byte 12 is 0xff',
                      self.demand_sentence(done.stderr))

    def test_a_value_is_refused_in_words_of_no_language_of_programs(self):
        for section, text, wanted in (
                ('conductor', 'lease = abc', "'abc' is no number"),
                ('boot', 'manual_timeout = soon', "'soon' is no number"),
                ('api', 'public_url = /x', 'no whole URL')):
            self.everywhere(wanted, 'Correct it', 'conductor',
                            **{section: text})
        self.everywhere(
            'names delete/nope', 'hint: Write delete/delete.', 'conductor',
            runner=f'inventory = {self.inventory}\n'
                   'time_limits = delete/nope:5')

    def test_a_driver_that_there_is_not_is_named_with_those_there_are(self):
        self.everywhere('Option driver of section [storage] is s3',
                        'one of file, nfs, sftp', storage='driver = s3')
        self.everywhere('Option method of section [boot] is ipmi',
                        'one of ironic, manual', 'conductor',
                        boot='method = ipmi')

    def test_more_nodes_at_once_than_any_machine_has_forks_for(self):
        self.everywhere('forks of section [runner]', 'Correct it', 'conductor',
                        runner='forks = 100000')

    def test_a_look_before_the_first_start_makes_nothing(self):
        self.state.mkdir()
        (self.folder / 'storage').mkdir()
        keys.create(str(self.folder / 'key'))
        config = self.folder / 'baas.conf'
        config.write_text(
            f'[DEFAULT]\nstate_path = {self.state}\n'
            f'[payload]\nkey_file = {self.folder}/key\n'
            f'[runner]\ninventory = {self.inventory}\n'
            f'[storage_file]\npath = {self.folder}/storage\n')
        done = forked.run('status', '--config-file', str(config), 'upgrade',
                          'check')
        self.assertEqual(2, done.returncode, done.stdout + done.stderr)
        self.assertIn('There is no database yet', done.stdout)
        self.assertEqual([], list(self.state.iterdir()))

    def test_what_is_made_is_for_its_user_alone_whatever_the_umask(self):
        self.state.mkdir(0o755)
        config = self.folder / 'baas.conf'
        config.write_text(f'[DEFAULT]\nstate_path = {self.state}\n'
                          f'log_file = {self.state}/baas.log\n')
        forked.run('manage', '--config-file', str(config), 'db', 'sync',
                   umask=0o022).check_returncode()
        self.assertEqual({'baas.sqlite': 0o600, 'baas.log': 0o600}, {
            path.name: path.stat().st_mode & 0o7777
            for path in self.state.iterdir()})
