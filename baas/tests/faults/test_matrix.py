# SPDX-License-Identifier: Apache-2.0
"""The fault matrix: whatever dies at whatever point of a backup, all is as
before within the stated bound, and the next backup works without a hand.

Each row of the table is a test."""
import collections
import contextlib
import re
import sys
import time
import unittest
from concurrent import futures

from baas.jobs import plans
from baas.tests.faults import afterwards
from baas.tests.faults import look
from baas.tests.faults import making
from baas.tests.faults import pair as pairs
from baas.tests.faults import points
from baas.tests.faults.points import NODE
from baas.tests.lab import machines
from baas.tests.lab import service as services

BOUND = 60 + 300
"""[quiesce] deadman_timeout + health_timeout of the service that is tested, in
seconds."""
STEPS = [step.name for step in plans.build('backup')]
GONE = 'The conductor that worked on the job is gone'
pair = None
before = None


Row = collections.namedtuple(
    'Row', 'title at fault says stopall', defaults=('no',))
"""A sentence; when; what; how the job must end; does everything rest?"""


class Says(collections.namedtuple('Says', 'state cause steps node hint')):
    """How a job ends: its state, or several with | between, a pattern for its
    cause, the steps that may be named and the node that must be; whether
    there is a hint."""

    def __new__(cls, state, cause=None, *steps, node=None):
        return super().__new__(cls, state, cause, steps, node,
                               state == 'error')


def _in_each_step():
    for step in STEPS:
        if step == 'snapshot':
            continue  # Its points are below.
        yield Row(f'a conductor killed in {step}', points.in_step(step),
                  making.killed, Says('error', GONE, step))
        yield Row(f'a cancel in {step}', points.in_step(step),
                  making.cancelled, Says('cancelled'))
    for one, two in zip(STEPS, STEPS[1:]):
        yield Row(f'a conductor killed between {one} and {two}',
                  points.between(one, two), making.killed,
                  Says('error', GONE, one, two, None))


def _at_points(titled, stopall, faults):
    for at, title in titled:
        for fault, name, says in faults:
            yield Row(f'{name} {title}', at, fault, says, stopall)


BARRIER = [(points.quiescing, 'while services are being quiesced'),
           (points.quiesced, 'while all services are quiesced'),
           (points.resuming, 'while services start again')]
CAPTURE = [(points.reading(0), 'at the begin of the capture'),
           (points.reading(40), 'in the middle of the capture'),
           (points.read, 'at the end of the capture')]
_OURS = Says('error', GONE, 'snapshot', 'capture', None)
_STORED = Says('error', '.', 'capture', 'verify')
ROWS = [
    *_in_each_step(),
    *_at_points(BARRIER, 'yes', [
        (making.killed, 'a conductor killed', _OURS),
        (making.cancelled, 'a cancel', Says('cancelled')),
        (making.node_cut_off, 'a node cut off',
         Says('error', 'connection|answer|say|in time', 'snapshot',
              node=NODE)),
        (making.node_rebooted, 'a node that reboots',
         Says('error', 'connection|say|stopped|signal|bus', 'snapshot',
              node=NODE)),
        (making.sshd_killed, 'sshd killed',
         Says('error', 'connection', 'snapshot', node=NODE)),
        (making.node_read_only, 'a disk that can only be read',
         Says('error', 'can only be read', 'snapshot', 'capture',
              node=NODE)),
        (making.storage_full, 'a storage that is full', _STORED),
        (making.storage_gone, 'a storage that is gone', _STORED),
        (making.database_killed, 'the database killed', _OURS),
        (making.conductor_paused, 'a conductor paused past its lease',
         _OURS)]),
    Row('the database blocked while all services are quiesced',
        points.quiesced,
        making.database_blocked, _OURS, 'yes'),
    *_at_points(CAPTURE, 'no', [
        (making.node_cut_off, 'a node cut off',
         Says('error', '.', 'capture', 'verify', node=NODE)),
        (making.sshd_killed, 'sshd killed', Says('done')),
        (making.storage_full, 'a storage that is full', _STORED),
        (making.storage_gone, 'a storage that is gone', _STORED),
        (making.database_killed, 'the database killed', _OURS),
        (making.conductor_paused, 'a conductor paused past its lease',
         _OURS)]),
    *_at_points(CAPTURE[:2], 'no', [
        (making.node_reset, 'a node that reboots at once',
         Says('error', '.', 'capture', node=NODE))]),
    # All is read: it decides whether the conductor has heard of it.
    *_at_points(CAPTURE[2:], 'no', [
        (making.node_reset, 'a node that reboots at once',
         Says('error|done', '.', 'capture', 'release', node=NODE))]),
    Row('a storage cut off in the middle of the capture',
        points.reading(40), making.storage_cut_off, _STORED),
]


def setUpModule():
    global pair, before
    services.lab('up', '--shape', services.SHAPE)
    pair = pairs.Pair()
    unittest.addModuleCleanup(pair.remove)
    job = pair.api.backup()
    assert job['state'] == 'done', job
    before = look.Look(pair)
    found = before.differences()
    assert not found, found


class FaultTest(unittest.TestCase):
    """Makes a fault in a backup, and sees that all is as before."""

    def setUp(self):
        super().setUp()
        self.began = time.monotonic()
        if machines.complaints(1):
            # A row that failed has left that; it shall not fail the next.
            services.lab('up')

    def suffer(self, row):
        """Take a backup, make the fault of a row in it, and see that all is
        as before; give the job."""
        job = pair.api.submit(
            f'/v1/backup/overcloud?stopall={row.stopall}')['id']
        with contextlib.ExitStack() as made:
            with row.at(pair, job):
                made.enter_context(row.fault(pair, job))
                begun = time.monotonic()
        reached = begun - self.began
        job = pair.api.wait(job)
        ended = time.monotonic() - begun
        # What a release could not reach, the next job clears away.
        released = pair.step(job['id'], 'release')['state'] != 'error'
        left = before.wait_until_well(BOUND)
        well = time.monotonic() - begun
        if released:
            self.assertEqual([], [line for line in left
                                  if not _is_next_ones(line, row)])
        self.assert_ended(job, row.says)
        self.assert_next_works()
        sys.stderr.write(
            f'\n{row.title}: made after {reached:.0f} s; from then on the '
            f'job ended after {ended:.0f} s and all was well after '
            f'{well:.0f} s; row took {time.monotonic() - self.began:.0f} s; '
            f'{job["state"]}: {(job["error"] or {}).get("cause")}\n')
        return job

    def assert_next_works(self):
        """Another backup works, and then nothing is left of any."""
        job = pair.api.backup()
        self.assertEqual(('done', None), (job['state'], job['error']))
        self.assertEqual(set(services.CONTROLLERS), {
            row['node'] for row in pair.backups()
            if row['set_id'] == job['id']})
        self.assertEqual([], before.differences())

    def assert_ended(self, job, says):
        """The job has ended as a row says."""
        self.assertIn(job['state'], says.state.split('|'), job['error'])
        if job['state'] != 'error':
            return
        error = job['error']
        self.assertRegex(error['cause'], says.cause)
        self.assertIn(error['step'], says.steps)
        self.assertTrue(error['hint'])
        if says.node:
            self.assertEqual(says.node, error['node'])


class TestFaults(FaultTest):
    """Each row, and what needs words of its own."""

    def test_of_two_requests_at_once_one_is_taken_and_one_told_by_whom(self):
        with futures.ThreadPoolExecutor() as two:
            answers = sorted(two.map(
                lambda _: pair.api.call('POST', '/v1/backup/overcloud'),
                range(2)), key=lambda answer: answer[0])
        self.assertEqual([202, 409], [status for status, _ in answers])
        taken, refused = answers[0][1]['id'], answers[1][1]['errors'][0]
        self.assertIn(taken, refused['detail'])
        self.assertEqual('done', pair.api.wait(taken)['state'])
        self.assertEqual([], before.differences())

    def test_a_unit_that_fails_its_first_start_is_started_again(self):
        install, remove = making.unit('tripleo_stumbling.service', (
            'ExecStartPre=/bin/sh -c "! rm /run/stumble"\n'
            'ExecStart=/bin/sleep infinity\n'
            'ExecStop=/bin/touch /run/stumble'))
        self.addCleanup(remove)
        install()
        job = pair.api.backup(stopall='yes')
        self.assertEqual('done', job['state'], job['error'])
        self.assertIn('active', machines.on(
            NODE, 'systemctl is-active tripleo_stumbling'))
        self.assertIn('Failed', machines.on(
            NODE, 'journalctl -q -u tripleo_stumbling -b'))
        remove()
        self.assertEqual([], before.differences())

    def test_a_unit_that_refuses_to_stop_fails_the_backup_by_name(self):
        install, remove = making.unit('tripleo_stubborn.service', (
            'ExecStart=/bin/sh -c "trap : TERM; while :; do sleep 1; done"\n'
            'TimeoutStopSec=75'))
        self.addCleanup(remove)
        install()
        job = pair.api.backup(stopall='yes')
        self.assert_ended(job, Says('error', 'tripleo_stubborn', 'snapshot',
                                    node=NODE))
        self.assertIn('active', machines.on(
            NODE, 'systemctl is-active tripleo_stubborn'))
        remove()
        before.wait_until_well(BOUND)
        self.assert_next_works()


class TestWhatIsLeft(unittest.TestCase):
    """Runs last: every backup that was whole still is, and restores."""

    def test_every_earlier_backup_is_whole_when_all_data_is_read(self):
        self.assertTrue(pair.backups())
        self.assertEqual([], afterwards.damages(pair))

    def test_one_of_the_first_restores_onto_a_wrecked_controller(self):
        afterwards.restore(pair, self)
        self.assertEqual([], before.differences())


def _is_next_ones(line, row):
    """Tell whether the next job clears a leftover away: the program of a
    check that was broken off, which has no release."""
    return row.title.endswith('in check') and re.search(
        'there is /run/baas-node/[0-9a-f-]{36}$', line)


def add(case, row):
    """Make a row a test of a class of tests."""
    def test(self):
        self.suffer(row)
    test.__name__ = 'test_after_' + row.title.replace(' ', '_') + (
        '_all_is_as_before')
    test.__doc__ = None
    setattr(case, test.__name__, test)


for _row in ROWS:
    add(TestFaults, _row)


if __name__ == '__main__':
    unittest.main()
