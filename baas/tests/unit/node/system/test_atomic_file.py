# SPDX-License-Identifier: Apache-2.0
import json
import os
import pathlib
import shutil
import signal
import stat
import sys
import tempfile
import unittest

from baas.node.system import atomic_file

_MOST = 2000  # calls of one write, many times over


def _run(function, at=None):
    """Run a function in a process that is killed at its nth call or return.

    :returns: True when it was killed, False when it came to its end.
    """
    child = os.fork()
    if not child:
        seen = [0]

        def look(*_):
            seen[0] += 1
            if seen[0] == at:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(look)
        function()
        sys.setprofile(None)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        return True
    if status:
        raise AssertionError(f'the writer ended with {status}')
    return False


def _calls(function):
    """List the names of the C functions that a function calls."""
    names = []

    def look(_, event, what):
        if event == 'c_call':
            names.append(what.__name__)

    sys.setprofile(look)
    try:
        function()
    finally:
        sys.setprofile(None)
    return names


class AtomicFileTest(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = self.folder / 'file'

    def killed(self, function, prepare=lambda: None):
        """Kill a writer at each point; gives what was found after each."""
        found = []
        for at in range(1, _MOST):
            for path in self.folder.iterdir():
                path.unlink()
            prepare()
            killed = _run(function, at)
            found.append(self.path.read_bytes() if self.path.exists()
                         else None)
            if not killed:
                return found
        raise AssertionError('it has no end')

    def in_order(self, found, old, new):
        """See that each look found the one or the other content, and that
        the new one came once and stayed."""
        self.assertEqual({old, new}, set(found))
        turn = found.index(new)
        self.assertEqual({new}, set(found[turn:]))
        self.assertGreater(turn, 3)

    def test_a_killed_writer_leaves_the_old_or_the_new_content(self):
        self.in_order(
            self.killed(lambda: atomic_file.write(self.path, b'new' * 9999),
                        lambda: self.path.write_bytes(b'old')),
            b'old', b'new' * 9999)

    def test_a_killed_writer_leaves_no_part_where_there_was_none(self):
        self.in_order(
            self.killed(lambda: atomic_file.write_json(self.path, [1, 'ä'])),
            None, b'[1, "\\u00e4"]\n')

    def test_a_killed_maker_leaves_nothing_or_all(self):
        self.in_order(
            self.killed(lambda: atomic_file.create(self.path, 'made')),
            None, b'made')

    def old(self):
        """Have a file that is somebody's, with a label."""
        self.path.write_bytes(b'old')
        os.chown(self.path, 1234, 4321)
        self.path.chmod(0o2640)
        os.setxattr(self.path, 'security.selinux', b'label')

    def test_a_file_in_the_place_of_another_is_as_that_was(self):
        self.old()
        aside = self.folder / 'aside'
        aside.write_text('older')
        atomic_file.replace(self.path, 'new', aside)
        for path, content in ((self.path, b'new'), (aside, b'old')):
            was = path.stat()
            self.assertEqual((content, 1234, 4321, 0o2640, b'label'), (
                path.read_bytes(), was.st_uid, was.st_gid,
                stat.S_IMODE(was.st_mode),
                os.getxattr(path, 'security.selinux')))
        self.assertEqual(2, len(list(self.folder.iterdir())))

    def test_a_killed_replacer_leaves_the_old_or_the_new_content(self):
        self.in_order(self.killed(lambda: atomic_file.replace(
            self.path, b'new', self.folder / 'aside'), self.old),
            b'old', b'new')

    def test_what_a_kill_leaves_beside_is_replaced_by_who_knows_its_name(self):
        beside = self.folder / 'beside'
        self.killed(lambda: atomic_file.write(self.path, 'one', beside=beside))
        beside.write_text('left by a kill')
        beside.chmod(0o666)
        atomic_file.write(self.path, 'two', beside=beside)
        self.assertEqual('two', self.path.read_text())
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))
        self.assertEqual([self.path], list(self.folder.iterdir()))

    def test_no_part_can_be_read_by_others_on_the_way(self):
        seen = set()

        def look(*_):
            seen.update(stat.S_IMODE(path.stat().st_mode)
                        for path in self.folder.iterdir()
                        if path.stat().st_size == 0)

        sys.setprofile(look)
        try:
            atomic_file.write(self.path, 'secret', 0o644)
        finally:
            sys.setprofile(None)
        self.assertEqual({0o600}, seen)

    def test_it_is_on_the_disk_before_it_has_its_name(self):
        for function, move in ((atomic_file.write, 'rename'),
                               (atomic_file.create, 'link')):
            with self.subTest(move):
                names = [name for name in _calls(
                    lambda: function(self.folder / move, 'text'))
                    if name in ('fsync', move)]
                self.assertEqual(['fsync', move, 'fsync'], names)

    def test_who_does_not_need_it_after_a_power_cut_does_not_wait(self):
        self.assertNotIn('fsync', _calls(
            lambda: atomic_file.write_json(self.path, 1, sync=False)))

    def test_the_mode_is_the_one_asked_for_whatever_the_umask(self):
        self.addCleanup(os.umask, os.umask(0o077))
        atomic_file.write(self.path, 'text', 0o755)
        self.assertEqual(0o755, stat.S_IMODE(self.path.stat().st_mode))

    def test_text_is_utf_8_and_odd_names_come_back_as_they_were(self):
        atomic_file.write(self.path, 'ä ' + os.fsdecode(b'\xff'))
        self.assertEqual(b'\xc3\xa4 \xff', self.path.read_bytes())

    def test_json_is_read_back(self):
        self.assertIsNone(atomic_file.read_json(self.path))
        atomic_file.write_json(self.path, {'b': 1, 'a': [None]})
        self.assertEqual({'b': 1, 'a': [None]},
                         atomic_file.read_json(self.path))
        self.assertEqual({'b': 1, 'a': [None]},
                         json.loads(self.path.read_text()))

    def test_what_is_there_is_not_made_again(self):
        self.path.write_text('mine')
        with self.assertRaises(FileExistsError):
            atomic_file.create(self.path, 'yours')
        self.assertEqual('mine', self.path.read_text())
        self.assertEqual([self.path], list(self.folder.iterdir()))

    def test_a_name_that_a_lost_answer_has_given_already_is_no_error(self):
        beside = self.folder / 'beside'
        beside.write_text('whole')
        os.link(beside, self.path)
        atomic_file.publish(beside, self.path)
        self.assertEqual(('whole', [self.path]), (
            self.path.read_text(), list(self.folder.iterdir())))

    def test_a_write_that_fails_leaves_all_as_it_was(self):
        self.path.mkdir()
        with self.assertRaises(IsADirectoryError):
            atomic_file.write(self.path, 'text')
        self.assertEqual([self.path], list(self.folder.iterdir()))

    def test_a_name_without_a_folder_is_in_the_working_folder(self):
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        atomic_file.write('file', 'text')
        atomic_file.remove('file')
        self.assertEqual([], list(self.folder.iterdir()))
