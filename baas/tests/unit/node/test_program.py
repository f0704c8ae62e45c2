# SPDX-License-Identifier: Apache-2.0
import ast
import importlib
import json
import os
import subprocess
import sys

from baas import node
from baas.node import errors
from baas.node import journal
from baas.node import main
from baas.runner import node_program
from baas.tests.unit.node import base

FOLDER = os.path.dirname(node.__file__)


def _sources():
    for name in node_program.sources(FOLDER):
        with open(os.path.join(FOLDER, name)) as handle:
            yield name, handle.read()


class GrammarTest(base.NodeTest):

    def test_python_3_6_can_read_it(self):
        for name, text in _sources():
            with self.subTest(name):
                ast.parse(text, name, feature_version=(3, 6))

    def test_it_imports_nothing_of_the_service(self):
        for name, text in _sources():
            for step in ast.walk(ast.parse(text)):
                found = []
                if isinstance(step, ast.ImportFrom):
                    found = [step.module]
                elif isinstance(step, ast.Import):
                    found = [one.name for one in step.names]
                for module in found:
                    with self.subTest(name, module=module):
                        self.assertTrue(
                            module.split('.')[:2] == ['baas', 'node']
                            or module.split('.')[0]
                            in sys.stdlib_module_names)


class ArchiveTest(base.NodeTest):

    def build(self, name='baas-node'):
        return node_program.build(self.path(name))

    def run_alone(self, *words):
        done = subprocess.run(
            [sys.executable, '-I', self.build()] + list(words),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, universal_newlines=True, cwd='/')
        return done.returncode, done.stdout

    def test_the_same_content_makes_the_same_bytes(self):
        with open(self.build('a'), 'rb') as one:
            with open(self.build('b'), 'rb') as other:
                self.assertEqual(one.read(), other.read())

    def test_only_its_owner_may_use_it(self):
        self.assertEqual(0o700, os.lstat(self.build()).st_mode & 0o777)

    def test_it_runs_with_nothing_but_the_standard_library(self):
        status, out = self.run_alone('--help')
        self.assertEqual(0, status)
        for verb in ('check', 'quiesce', 'resume', 'release', 'recover'):
            self.assertIn(verb, out)


@base.needs_root
class VerbTest(base.NodeTest):

    def test_an_error_is_one_line_with_cause_and_hint(self):
        status, said = self.call('snapshot', '--epoch', '1')
        self.assertEqual((1, 'error', 'snapshot'),
                         (status, said['state'], said['verb']))
        self.assertEqual({'cause', 'hint'}, set(said['error']))

    def test_every_verb_refuses_a_lower_epoch(self):
        journal.begin(base.JOB, 7, 'backup')
        for words in (['check'], ['prepare'], ['arm'], ['quiesce'],
                      ['snapshot'], ['resume'], ['barrier'], ['wait_healthy'],
                      ['capture'], ['release'], ['follow', 'capture'],
                      ['start_services'], ['stop', 'capture'], ['check_disk'],
                      ['recover']):
            with self.subTest(words[0]):
                status, said = self.call(*words, '--epoch', '6')
                self.assertEqual(1, status)
                self.assertIn('6', said['error']['cause'])
                self.assertIn('7', said['error']['cause'])

    def test_release_without_a_record_is_a_success(self):
        status, said = self.call('release', '--epoch', '1')
        self.assertEqual((0, 'done'), (status, said['state']), said)

    def test_release_beside_another_job_wipes_only_its_own(self):
        journal.begin(base.OTHER, 1, 'backup')
        mine = self.write('run/%s/password' % base.JOB)
        theirs = self.write('run/%s/password' % base.OTHER)
        status, _ = self.call('release', '--epoch', '1')
        self.assertEqual(0, status)
        self.assertFalse(os.path.exists(mine))
        self.assertTrue(os.path.exists(theirs))
        self.assertTrue(journal.is_open(journal.load()))

    def test_a_missing_option_is_named(self):
        journal.begin(base.JOB, 1, 'backup')
        status, said = self.call('check_disk', '--epoch', '1')
        self.assertEqual(1, status)
        self.assertIn('root', said['error']['cause'])

    def test_a_job_that_is_no_plain_name_is_refused(self):
        done = subprocess.run(
            [sys.executable, base.program(), 'release', '--job', '../x',
             '--epoch', '1'], stderr=subprocess.PIPE,
            stdout=subprocess.PIPE, env=self.environment())
        self.assertEqual((2, b''), (done.returncode, done.stdout))

    def say(self, *words):
        """Run the program; give its exit status and what it said."""
        done = subprocess.run(
            [sys.executable, base.program(), *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, env=self.environment())
        return done.returncode, done.stdout, done.stderr

    def test_what_is_missing_on_the_command_line_is_named(self):
        for words, said in (
                (('follow', '--job', base.JOB, '--epoch', '1'),
                 'follow needs the verb'),
                (('check', '--job', base.JOB), 'check needs --job and'),
                (('check', '--epoch', '1'), 'check needs --job and')):
            status, out, stderr = self.say(*words)
            self.assertEqual((2, ''), (status, out))
            self.assertIn(said, stderr)

    def test_options_may_be_in_a_file(self):
        words = ('check_disk', '--job', base.JOB, '--epoch', '1',
                 '--options', self.write('options', '{"root": "/no/disk"}'))
        status, out, _ = self.say(*words)
        self.assertEqual(1, status)
        self.assertIn('/no/disk is no mount point', out)
        self.write('options', '{"root"')
        status, out, stderr = self.say(*words)
        self.assertEqual(1, status)
        self.assertIn('check_disk failed: JSONDecodeError',
                      json.loads(out)['baas']['error']['cause'])
        self.assertIn('Traceback', stderr)

    def test_a_verb_that_nobody_does_need_not_be_stopped(self):
        status, said = self.call('stop', 'capture', '--epoch', '1')
        self.assertEqual((0, 'done', {'stopped': False}), (
            status, said['state'], said['result']))

    def test_who_is_not_root_is_refused(self):
        self.addCleanup(os.seteuid, 0)
        os.seteuid(65534)
        with self.assertRaisesRegex(errors.NodeError, 'needs root'):
            main._do(main._parse(['status']))

    def test_status_shows_the_record(self):
        journal.begin(base.JOB, 1, 'backup')
        out = subprocess.run(
            [sys.executable, base.program(), 'status'],
            stdout=subprocess.PIPE, env=self.environment()).stdout
        self.assertEqual(base.JOB, json.loads(out.decode())['job'])

    def test_every_verb_is_in_the_module_that_is_named(self):
        for verb, module in main.VERBS.items():
            with self.subTest(verb):
                self.assertTrue(callable(getattr(importlib.import_module(
                    'baas.node.' + module), verb)))

    def test_a_look_at_a_worker_reads_no_other_verb(self):
        done = subprocess.run(
            [sys.executable, '-X', 'importtime', base.program(), 'follow',
             'capture', '--job', base.JOB, '--epoch', '1'],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, env=self.environment())
        read = {line.rpartition('|')[2].strip()
                for line in done.stderr.splitlines()}
        self.assertIn('baas.node.background', read)
        self.assertFalse(read & {'baas.node.%s' % module
                                 for module in main.VERBS.values()})

    def test_a_node_that_is_slow_to_look_is_looked_at_less_often(self):
        for wait, cost, expected in ((5, 0.05, 5), (5, 1, 60), (5, 9, 120),
                                     (300, 9, 300)):
            with self.subTest(wait=wait, cost=cost):
                self.assertEqual(expected, main.patience(wait, cost))

    def test_release_asks_for_locks_unless_the_capture_was_done(self):
        for state, unlocked in (('error', False), ('done', True)):
            with self.subTest(state):
                self.write('run/%s/password' % base.JOB)
                self.write('run/%s/capture.json' % base.JOB,
                           json.dumps({'state': state}))
                status, said = self.call('release', '--epoch', '1',
                                         repository=self.path('nowhere'))
                self.assertEqual((0, unlocked), (
                    status, said['result']['unlocked']), said)
