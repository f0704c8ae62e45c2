# SPDX-License-Identifier: Apache-2.0
"""What is refused is called as the user wrote it, of each argument of each
command."""
import contextlib
import importlib
import io
import pathlib
import re
import types

from keystoneauth1 import noauth
from keystoneauth1 import session
from osc_lib import exceptions

from baas.tests import fixtures as service
from baasclient import command
from baasclient import http
from baasclient.tests import base
from baasclient.tests import test_plugin

INVISIBLE = '\u200b'
HUGE = '9' * 15
PLACES = {'target': 'overcloud', 'cron': '0 1 * * *', 'schedule': 'nightly',
          'node': 'controller-0', 'cleanup': 'overcloud'}
"""What stands where a command has a place for it; ids come from the test."""
NOWHERE = re.compile("(There is no|No) .* (name|called|id|target)")


def commands():
    """Give (words, class) of each command, by one name each."""
    found = {}
    for line in test_plugin.entry_points():
        name, place = line.split(' = ')
        module, kind = place.split(':')
        found.setdefault(place, (name.split('_'), getattr(
            importlib.import_module(module), kind)))
    return list(found.values())


def own_actions(kind):
    """Give the arguments of a command that take text or a number, and are
    not those that all commands have."""
    base_of = next(one for one in (command.Lister, command.ShowOne,
                                   command.Command) if issubclass(kind, one))
    bare = type('Bare', (base_of,), {'take_action': None,
                                     '__module__': __name__})
    usual = {action.dest for action in bare(None, None).get_parser(
        'x')._actions}
    return [action for action in kind(None, None).get_parser('x')._actions
            if action.nargs != 0 and not action.choices
            and action.dest not in usual]


def is_told(said, action):
    """Tell whether it is said of an argument that it is wrong."""
    name = (action.option_strings or [action.metavar])[-1]
    kind = 'ption' if action.option_strings else 'rgument'
    if 'Traceback' in said or re.search(r'rgument [a-z_]+\b', said):
        return False
    return bool(NOWHERE.search(said)) or any(
        f'{one} {name}: ' in said for one in (kind, ': argument'))


class ArgumentsTest(base.ShellTestCase):
    auth = 'noauth'

    def setUp(self):
        super().setUp()
        service.add_schedule(name='nightly')
        service.add_cleanup(target='overcloud')
        self.ids = {'backup': service.add_backup(), 'job': service.add_job()}
        self.ids.update(backups=self.ids['backup'], restore=self.ids['job'])
        self.address = pathlib.Path(self.folder, 'address')
        self.address.write_text('ftp://monitor')

    def bad(self, action):
        """Give what an argument is not to be."""
        if action.dest == 'ping_file':
            return str(self.address)
        if action.dest == 'labels':
            return f'{INVISIBLE}=x'
        return {command.whole: HUGE, None: INVISIBLE}.get(
            action.type, f'{HUGE}T')

    def line(self, words, kind, action):
        """Write a command of which one argument is bad."""
        places = {**PLACES, **self.ids}
        for one in own_actions(kind):
            if one.required and one.dest != action.dest and (
                    one.option_strings):
                words = [*words, one.option_strings[-1], '1d']
        for one in kind(None, None).get_parser('x')._actions:
            if one.option_strings:
                continue
            if one.dest == action.dest and not action.option_strings:
                words = [*words, self.bad(action)]
            elif action.dest != 'set' and (one.nargs != '?'
                                           or one.dest != 'cleanup'):
                words = [*words, places[one.dest]]
        if words[-2] == 'set' and not action.option_strings:
            words = [*words, '--name', 'x']
        if action.option_strings:
            words = [*words, action.option_strings[-1], self.bad(action)]
        return words

    def said(self, kind, arguments):
        """Run a command in this process, for a shell each would take minutes;
        give all that it says."""
        told = io.StringIO()
        auth = noauth.NoAuth(endpoint=self.url)
        app = types.SimpleNamespace(
            stdout=told, options=types.SimpleNamespace(verbose_level=0),
            client_manager=types.SimpleNamespace(
                baas=http.Client(session.Session(auth))))
        with contextlib.redirect_stderr(told):
            try:
                one = kind(app, None)
                one.run(one.get_parser('it').parse_args(arguments))
            except (exceptions.CommandError,
                    exceptions.ClientException) as error:
                told.write(str(error))
            except SystemExit:
                pass  # argparse has told
        return told.getvalue()

    def refused_as(self, *line):
        """Give what a command line is refused with, in the real shell."""
        lines = self.refused(*line)
        self.assertTrue(lines[-1].startswith('Request id:'), lines)
        return lines[:-1]

    def test_what_is_refused_is_called_as_it_was_written(self):
        wrong, seen = [], 0
        for words, kind in commands():
            for action in own_actions(kind):
                if action.dest in ('html', 'timeout'):
                    continue  # no matter of the service
                line, seen = self.line(words, kind, action), seen + 1
                said = self.said(kind, line[len(words):])
                if not is_told(said, action):
                    wrong.append((' '.join(line), said))
        self.assertEqual([], wrong)
        self.assertGreater(seen, 100)

    def test_the_hint_calls_it_so_as_well(self):
        place = 'control', 'plane', 'backup'
        self.assertEqual(
            ['Argument <cron>: must have five fields: minute, hour, day of '
             'the month, month, day of the week.',
             'Correct argument <cron>.'],
            self.refused_as(*place, 'schedule', 'create', 'overcloud', '1'))
        for name in ('--keep-last', '--minimum'):
            lines = self.refused_as(*place, 'cleanup', 'set', 'overcloud',
                                    name, '99999')
            self.assertRegex(lines[0], f'^Option {name}: must be a whole')
            self.assertEqual(f'Correct option {name}.', lines[1])

    def test_a_name_that_cannot_be_is_of_nothing(self):
        for noun in ('', 'schedule', 'cleanup'):
            lines = self.refused('control', 'plane', 'backup', *noun.split(),
                                 'show', '')
            self.assertRegex(lines[0], "^(There is no|No) .* ''[.]$")
            self.assertIn('List what there is with', lines[1])
        for words in (('backup', 'job', 'show', ''), ('restore', 'show', '..'),
                      ('restore', 'plan', 'last', '')):
            lines = self.refused(*words)
            self.assertEqual('Nothing has the id or the name '
                             f"'{words[-1]}'.", lines[0])

    def test_what_is_not_utf_8_is_named(self):
        bad = b'a\xff'.decode(errors='surrogateescape')
        place = 'control', 'plane', 'backup'
        for line in (('show', bad), ('job', 'show', bad),
                     ('cleanup', 'show', bad), ('schedule', 'show', bad),
                     ('list', '--node', bad), ('list', '--label', f'a={bad}'),
                     ('create', 'overcloud', '--name', bad),
                     ('create', 'overcloud', '--label', f'{bad}=b'),
                     ('schedule', 'set', 'nightly', '--then', bad),
                     ('schedule', 'pause', '--reason', bad)):
            lines = self.refused(*place, *line)
            self.assertRegex(lines[0], r"^The argument '.*\\xff.*' is not "
                                       'UTF-8[.]$')
            self.assertRegex(lines[1], '^Write it in UTF-8')

    def test_control_characters_in_a_url_are_named(self):
        for line in (('backup', 'job', 'show', 'a\nb'),
                     ('backup', 'list', '--node', 'a\nb')):
            self.assertEqual(
                ["The argument 'a\\nb' has control characters.",
                 'Write it without.'], self.refused(*line))

    def test_a_number_of_thousands_of_digits_is_refused_in_our_words(self):
        for words in (('backup', 'list', '--limit'),
                      ('backup', 'job', 'cancel', 'x', '--timeout')):
            for number in ('9' * 5000, '9' * 400, '1.5', 'x', '1_0'):
                lines = self.refused(*words, number, code=2)
                self.assertTrue(lines[-1].endswith(
                    f'argument {words[-1]}: must be a whole number of at '
                    'most 15 digits'), lines)

    def test_a_file_that_is_no_address_is_named(self):
        line = ('backup', 'schedule', 'set', 'nightly', '--ping-file')
        self.address.write_text('http://monitor/' + 'a' * 9000)
        lines = self.refused(*line, str(self.address))
        self.assertEqual(f'What --ping-file names, {self.address}, is too '
                         'long for an address.', lines[0])
        self.address.write_text('http://monitor/' + 'a' * 1024)
        lines = self.refused(*line, str(self.address))
        self.assertRegex(lines[0], '^Option --ping-file: must be an address '
                                   'of at most 1024 characters')
        self.address.write_bytes(b'http://monitor/\xff')
        lines = self.refused(*line, str(self.address))
        self.assertEqual(f'The file {self.address} cannot be read: it is no '
                         'text.', lines[0])
