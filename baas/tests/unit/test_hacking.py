# SPDX-License-Identifier: Apache-2.0
"""Each rule finds what it forbids, and nothing beside it."""
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

TOP = pathlib.Path(__file__).parents[3]
HEAD = '# SPDX-License-Identifier: Apache-2.0\n"""What it is about."""\n'


class HackingTest(unittest.TestCase):
    """Asks flake8 itself, with the configuration of the project."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def found(self, code, name='baas/jobs/thing.py'):
        """Name the rules of ours that a file with this code breaks, and the
        lines, counted below the head."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + textwrap.dedent(code))
        done = subprocess.run(
            [sys.executable, '-m', 'flake8', '--config', TOP / 'tox.ini',
             '--select', 'BA', '--format', '%(code)s %(row)d', path],
            capture_output=True, text=True)
        self.assertEqual('', done.stderr)
        return [(code, int(row) - 2) for code, row in
                map(str.split, done.stdout.splitlines())]

    def test_blank_lines_do_not_count_and_the_line_too_many_does(self):
        good = 'def work():\n' + '    1\n\n' * 39
        self.assertEqual([], self.found(good))
        self.assertEqual([('BA102', 1)], self.found(good + '    1\n'))
        good = 'one = 1\n\n' * 248
        self.assertEqual([], self.found(good))
        self.assertEqual([('BA101', -1)], self.found(good + 'one = 2\n'))

    def test_a_line_that_no_test_runs_says_why(self):
        line = f'one = 1  # {"pragma"}: no cover'
        self.assertEqual([], self.found(f'{line} - Python is newer\n'))
        for end in ('', ' -', ' - ', ', Python is newer'):
            self.assertEqual([('BA601', 1)], self.found(f'{line}{end}\n'),
                             end)

    def test_what_move_returns_is_looked_at(self):
        self.assertEqual([('BA201', 2)], self.found('''\
            moved = jobs.move(id, 'start')
            jobs.move(id, 'start')
            shutil.move('here', 'there')
            if not jobs.move(id, 'finish'):
                pass
            '''))

    def test_tests_may_move_without_a_look(self):
        self.assertEqual([], self.found("jobs.move(id, 'start')\n",
                                        'baas/tests/unit/test_thing.py'))

    def test_types_that_wsme_does_not_check_are_not_exposed(self):
        self.assertEqual([('BA301', 2), ('BA301', 6), ('BA301', 10)],
                         self.found('''\
            KIND = wtypes.Enum(str, 'a', 'b')
            @expose.expose(Answer, bool)
            def first(flag):
                pass

            @expose.expose(Answer, wtypes.Enum(str, 'a'))
            def second(kind):
                pass

            @expose.expose(Answer, KIND)
            def third(kind):
                pass

            @expose.expose(bool, types.flag, body=Wish)
            def fourth(flag):
                pass
            '''))

    def test_the_configuration_is_an_argument(self):
        self.assertEqual([('BA401', 2), ('BA401', 5)], self.found('''\
            def first(conf=cfg.CONF):
                return cfg.CONF.api

            def second():
                return CONF.api

            def third():
                def inner(conf=cfg.CONF):
                    return conf.api
                return inner
            PLACE = cfg.CONF
            '''))

    def test_neither_eventlet_nor_mocks_are_imported(self):
        self.assertEqual([('BA502', 1), ('BA503', 2), ('BA503', 3),
                          ('BA502', 4)], self.found('''\
            import eventlet
            import unittest.mock
            from unittest import mock
            from eventlet.green import socket
            import unittest
            from baas import keys
            '''))

    def test_a_name_says_what_it_is_about(self):
        for name in ('baas/jobs/utils.py', 'baas/common/thing.py'):
            with self.subTest(name):
                self.assertEqual([('BA501', -1)], self.found('', name))
