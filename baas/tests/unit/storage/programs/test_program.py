# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import contextlib
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from baas import errors
from baas.node.system import atomic_file
from baas import program
from baas.storage.payloads import restic_cli
from baas.tests.unit.storage import places
from baas.tests.unit.storage import site

_PROGRAM = """
import pathlib, subprocess, sys, time
from baas import errors
from baas.storage.programs import program

def work(conf, job):
    gate = pathlib.Path(job.get('gate', str))
    if job.get('child', str, None):
        subprocess.Popen(['sh', '-c', job.get('child', str)])
    while not gate.exists():
        time.sleep(0.05)
    job.report(40, 'half way', bytes_done=4, bytes_total=10)
    while gate.read_text() == 'half':
        time.sleep(0.05)
    if gate.read_text() == 'fail':
        raise errors.Conflict(reason='It went wrong', remedy='Try again')
    if gate.read_text() == 'crash':
        raise ZeroDivisionError('oops')
    return {'answer': 42}

sys.exit(program.main('test', work))
"""


class _Looking(program.State):
    """Tells when it was looked at for the first time."""

    def __init__(self, *words):
        super().__init__(*words)
        self.has_looked = threading.Event()

    def read(self):
        found = super().read()
        self.has_looked.set()
        return found


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.job = self.folder / 'job.json'
        self.gate = self.folder / 'gate'
        (self.folder / 'baas.conf').write_text('')
        self.write_job(gate=str(self.gate))
        self.addCleanup(self.run_program, '--stop')

    def write_job(self, **fields):
        self.job.write_text(json.dumps(fields))

    def open(self, word):
        """Open the gate; who looks meanwhile sees no file without a word."""
        atomic_file.write(str(self.gate), word)

    def run_program(self, *words):
        return site.said(subprocess.run(
            [sys.executable, '-c', _PROGRAM, '--job-file', str(self.job),
             '--config-file', str(self.folder / 'baas.conf'), *words],
            capture_output=True, text=True, timeout=300))

    def follow(self, wait=3):
        return self.run_program('--follow', '--wait', str(wait))

    def follow_to(self, state):
        until = time.monotonic() + 300
        while time.monotonic() < until:
            said = self.follow()
            if said['state'] == state:
                return said
        self.fail(f'never {state}: {said}')

    def pid(self):
        path = self.folder / 'job.json.state'
        return json.loads(path.read_text())['pid']

    def test_threads_of_the_work_tell_at_the_same_time(self):
        state = program.State('test', self.job)
        job = program.Job(state)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            telling = [pool.submit(job.report, 1, 'reading', bytes_done=number)
                       for number in range(2000)]
        self.assertEqual([None], [*{one.result() for one in telling}])
        self.assertEqual('reading', json.loads(
            (self.folder / 'job.json.state').read_text())['said']['task'])

    def test_in_front_it_says_one_line_at_its_end(self):
        self.open('go')
        self.assertEqual({'verb': 'test', 'state': 'done',
                          'result': {'answer': 42}}, self.run_program())

    def test_detached_it_goes_on_and_tells_how_far_it_is(self):
        said = self.run_program('--detach')
        self.assertEqual(('running', 0), (said['state'], said['percent']))
        self.open('half')
        while said['percent'] != 40:
            said = self.follow()
        self.assertEqual({'verb': 'test', 'state': 'running', 'percent': 40,
                          'task': 'half way', 'bytes_done': 4,
                          'bytes_total': 10}, said)
        self.open('go')
        self.assertEqual({'answer': 42}, self.follow_to('done')['result'])
        self.assertEqual('done', self.follow()['state'])

    def test_follow_waits_as_long_as_asked_and_no_longer(self):
        self.addCleanup(setattr, program, '_WAIT', program._WAIT)
        self.run_program('--detach')
        for seconds, unasked in ((0.3, 60), (2, 0)):
            program._WAIT = unasked
            with self.subTest(seconds), contextlib.redirect_stdout(
                    io.StringIO()) as out:
                began = time.monotonic()
                program.main('x', 'test', None, [
                    '--job-file', str(self.job), '--follow', '--wait',
                    str(seconds)])
                took = time.monotonic() - began
                self.assertIn('"running"', out.getvalue())
                self.assertGreaterEqual(took, seconds)
                self.assertLess(took, seconds + 50)

    def test_follow_returns_at_once_when_there_is_news(self):
        self.run_program('--detach')
        state = _Looking('test', self.job)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            following = pool.submit(state.follow, 50)
            self.assertTrue(state.has_looked.wait(30))
            self.open('half')
            said = following.result(40)
        self.assertEqual(40, said['percent'])

    def test_detaching_twice_starts_one_only(self):
        self.run_program('--detach')
        first = self.pid()
        self.assertEqual('running', self.run_program('--detach')['state'])
        self.assertEqual(first, self.pid())
        self.assertIn('Another', self.run_program()['error']['cause'])

    def test_after_its_end_it_can_be_started_again(self):
        self.open('fail')
        self.run_program('--detach')
        self.follow_to('error')
        self.open('go')
        self.run_program('--detach')
        self.follow_to('done')

    def test_an_error_of_ours_has_its_cause_and_hint(self):
        self.open('fail')
        self.assertEqual({'cause': 'It went wrong.', 'hint': 'Try again.'},
                         self.run_program()['error'])

    def test_any_other_error_is_told_and_logged(self):
        self.open('crash')
        self.run_program('--detach')
        said = self.follow_to('error')
        self.assertIn('ZeroDivisionError: oops', said['error']['cause'])
        self.assertIn('Traceback',
                      (self.folder / 'job.json.log').read_text())

    def test_who_died_on_the_way_is_an_error(self):
        self.run_program('--detach')
        os.kill(self.pid(), signal.SIGKILL)
        self.assertIn('died', self.follow_to('error')['error']['cause'])

    def test_following_what_was_never_started_is_an_error(self):
        self.assertIn('no test', self.follow()['error']['cause'])

    def test_stop_ends_it_with_all_its_processes(self):
        self.write_job(gate=str(self.gate), child='exec sleep 600')
        self.run_program('--detach')
        group = self.pid()
        until = time.monotonic() + 300
        while len(_members(group)) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        self.assertEqual('done', self.run_program('--stop')['state'])
        until = time.monotonic() + 10
        while _members(group) and time.monotonic() < until:
            time.sleep(0.1)
        self.assertFalse(_members(group))
        self.assertEqual('error', self.follow()['state'])
        self.assertEqual('done', self.run_program('--stop')['state'])

    def test_stop_ends_what_it_has_started_and_does_not_listen(self):
        deaf = self.folder / 'deaf'
        self.write_job(gate=str(self.gate), child=(
            f"trap '' TERM; touch {deaf}; while :; do sleep 1; done"))
        self.run_program('--detach')
        group = self.pid()
        until = time.monotonic() + 300
        while not deaf.exists() and time.monotonic() < until:
            time.sleep(0.02)
        self.assertEqual('done', self.run_program('--stop')['state'])
        left = _members(group)
        if left:
            os.killpg(group, signal.SIGKILL)
        self.assertEqual([], left)

    def test_what_a_power_cut_has_left_of_its_state_is_an_end(self):
        (self.folder / 'job.json.state').write_text('')
        said = self.follow()
        self.assertEqual('error', said['state'])
        self.assertIn('died', said['error']['cause'])
        self.open('go')
        self.run_program('--detach')
        self.follow_to('done')

    def test_what_it_writes_is_for_us_only(self):
        self.open('go')
        self.run_program('--detach')
        self.follow_to('done')
        for path in self.folder.glob('job.json.*'):
            self.assertEqual(0, path.stat().st_mode & 0o077, path)

    def test_a_job_file_that_is_missing_is_told(self):
        self.job.unlink()
        self.assertIn('job.json', self.run_program()['error']['cause'])


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.site = site.Site(self.addCleanup)

    def test_a_good_site_passes_and_tells_what_it_has(self):
        result = self.site.program('check')['result']
        self.assertEqual(self.site.storage.location, result['location'])
        self.assertEqual(self.site.key.fingerprint,
                         result['key_fingerprint'])
        self.assertGreater(result['free_bytes'], 0)
        self.assertRegex(result['restic_version'], r'\A\d+\.\d+\.\d+\Z')

    def test_too_little_space_is_told(self):
        said = self.site.program('check', needed_bytes=1 << 60)
        self.assertIn('are needed', said['error']['cause'])

    def test_a_missing_key_is_told_and_not_made(self):
        (self.site.state / 'key').unlink()
        self.assertIn('no key file',
                      self.site.program('check')['error']['cause'])
        self.assertFalse((self.site.state / 'key').exists())

    def test_a_restic_that_is_missing_or_too_old_is_told(self):
        old = self.site.folder / 'restic'
        conf = places.configuration(self.site.state,
                                    payload={'restic': str(old)})
        with self.assertRaisesRegex(errors.ConfigurationError,
                                    'cannot be run'):
            restic_cli.version(conf)
        for text, wanted in (
                ('restic 0.16.4 compiled with go1.21', 'too old'),
                ('no restic', 'does not say which restic it is')):
            old.write_text(f'#!/bin/sh\necho "{text}"\n')
            old.chmod(0o755)
            with self.assertRaisesRegex(errors.ConfigurationError, wanted):
                restic_cli.version(conf)


def _members(group):
    """Give the stat files of the processes of a group that live."""
    found = []
    for path in pathlib.Path('/proc').glob('[0-9]*/stat'):
        try:
            state, _parent, its = path.read_text().rpartition(
                ')')[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its) == group and state != 'Z':
            found.append(path)
    return found
