# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import unittest

from baas.barrier import connection

REACH = {'python': '/usr/bin/python3', 'program': '/var/lib/x/baas-node'}
# What sshd does: the words after the host become one line for a shell.
_SSH = '''#!/bin/sh
printf '%s\\n' "$@" > {folder}/words
while [ "$1" != -- ]; do shift; done
shift 2
exec sh -c "$*"
'''


class CommandTest(unittest.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.place('ssh', _SSH.format(folder=self.folder))

    def place(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def run_command(self, given, words=('status',)):
        argv = connection.command('node-0', {**REACH, **given}, list(words))
        return subprocess.run(
            argv, capture_output=True, text=True, env={
                **os.environ,
                'PATH': f'{self.folder}:{os.environ["PATH"]}'})

    def ssh_words(self):
        return (self.folder / 'words').read_text().splitlines()

    def test_words_arrive_over_ssh_as_they_were_given(self):
        echo = self.place('echo', '#!/bin/sh\nprintf "<%s>" "$@"\n')
        done = self.run_command({'python': '/bin/sh', 'program': echo,
                                 'become': False},
                                ['a b', "c'd", '$HOME', '"'])
        self.assertEqual('<a b><c\'d><$HOME><">', done.stdout)

    def test_ssh_gets_what_the_inventory_says(self):
        self.run_command({
            'python': '/bin/true', 'host': '192.0.2.7', 'port': 2222,
            'user': 'admin', 'key': '/keys/id',
            'common_args': '-o "ProxyCommand=nc -x p %h %p"'})
        words = self.ssh_words()
        for pair in (['-p', '2222'], ['-l', 'admin'], ['-i', '/keys/id'],
                     ['-o', 'ProxyCommand=nc -x p %h %p'],
                     ['-o', 'BatchMode=yes'], ['--', '192.0.2.7']):
            place = words.index(pair[1])
            self.assertEqual(pair, words[place - 1:place + 1])

    def test_who_is_not_root_becomes_it_without_a_question(self):
        self.place('id', '#!/bin/sh\necho 1000\n')
        self.place('sudo', '#!/bin/sh\nprintf "<%s>" "$@"\n')
        for kind in ('ssh', 'local'):
            with self.subTest(kind):
                done = self.run_command({'connection': kind}, ['barrier'])
                self.assertEqual(
                    '<-n><--></usr/bin/python3></var/lib/x/baas-node>'
                    '<barrier>', done.stdout)

    def test_what_is_not_understood_is_named(self):
        for given, words in (
                ({'connection': 'docker'}, 'docker'),
                ({'connection': 'paramiko'}, 'paramiko'),
                ({'become_method': 'doas'}, 'doas'),
                ({'passwords': ['ansible_password']}, 'ansible_password'),
                ({'common_args': '-o "half'}, 'ansible_ssh_common_args')):
            with self.subTest(words):
                with self.assertRaisesRegex(connection.UnsupportedConnection,
                                            words):
                    connection.command('node-0', {**REACH, **given}, [])


class ConnectionTest(unittest.TestCase):

    def open(self, script):
        link = connection.Connection(['sh', '-c', script], {'a': 1})
        self.addCleanup(link.close)
        return link

    def read(self, link):
        found = []
        while link.is_open:
            select.select([link], [], [], 10)
            found += link.read()
        return found

    def test_only_lines_of_the_program_count_and_halves_are_put_together(self):
        link = self.open('''echo Welcome
            printf '{"baas": {"sa'; sleep 0.3; echo 'id": "ready"}}' ''')
        self.assertEqual([{'said': 'ready'}], self.read(link))

    def test_the_options_are_the_first_line(self):
        link = self.open('read line; echo "{\\"baas\\": $line}"')
        self.assertEqual([{'a': 1}], self.read(link))

    def test_what_was_said_last_explains_its_end(self):
        link = self.open('echo Permission denied. >&2; exit 255')
        self.read(link)
        self.assertEqual('Permission denied', link.last_words())

    def test_an_end_without_a_word_tells_the_status(self):
        link = self.open('exit 3')
        self.read(link)
        self.assertEqual('it ended with 3', link.last_words())

    def test_sending_to_who_is_gone_raises_nothing(self):
        link = self.open('exec 0<&-; echo; sleep 5')
        select.select([link], [], [], 10)
        link.send({'do': 'heartbeat'})
        link.close()
        link.send({'do': 'heartbeat'})
