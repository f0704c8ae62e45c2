# SPDX-License-Identifier: Apache-2.0
"""What every kind of payload does where its snapshot finds no more room."""
import contextlib
import errno
import os
import signal
import time

from baas.node import paths
from baas.node.snapshots import snapshot
from baas.node.system import atomic_file
from baas.tests.unit.node import base


def end_group(group):
    """Leave nothing that stands still, whatever a test came to."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


class FillingContract:
    """Beside :class:`contract.PayloadContract`."""

    def test_a_capture_ends_before_its_snapshot_fills_the_disk(self):
        problems = []

        def is_scarce(handle):
            os.fsync(handle.fileno())  # what is not there yet counts not
            problems[:] = snapshot.problems({})
            return problems
        self.check_filling(is_scarce)
        # It may be none any more: there is more room without the snapshot.
        [problem] = problems
        self.assertIn('%s has' % paths.TOP, problem['cause'])

    def test_a_capture_that_finds_no_room_at_all_ends_for_its_snapshot(self):
        self.check_filling(lambda _: False)

    def check_filling(self, is_enough):
        """Fill the disk while a capture stands still, until it is enough or
        there is no room; the capture ends for it, without its snapshot."""
        with open(os.path.join(paths.TOP, 'large'), 'wb') as handle:
            for _ in range(200):
                handle.write(os.urandom(1 << 20))
        self.do('prepare')
        with open(os.path.join(paths.TOP, 'filling'), 'wb',
                  buffering=0) as handle:
            # Most of the room at once, so that the rest is soon gone.
            os.posix_fallocate(handle.fileno(), 0, 450 << 20)
            handle.seek(450 << 20)
            self.do('snapshot')
            self.call('capture', '--epoch', '1', '--detach', **self.options)
            group = self.stop_in_the_middle()
            try:
                while not is_enough(handle):
                    handle.write(bytes(4 << 20))
            except OSError as error:
                self.assertEqual(errno.ENOSPC, error.errno)
            os.killpg(group, signal.SIGCONT)
        status, said = self.call('follow', 'capture', '--epoch', '1',
                                 '--wait', '60')
        self.assertEqual((1, 'error'), (status, said['state']), said)
        self.assertIn('have to stay free', said['error']['cause'])
        self.assertFalse(os.path.lexists(
            os.path.join(paths.TOP, paths.SNAPSHOTS)))

    def stop_in_the_middle(self):
        """Have a capture stand still while it reads, however fast it or the
        machine is; give its group."""
        until = time.monotonic() + 60
        while True:
            told = atomic_file.read_json(paths.work(base.JOB, 'capture.json'))
            self.assertEqual('running', told['state'], told)
            if 'bytes_total' in told:
                break
            self.assertLess(time.monotonic(), until)
        os.killpg(told['group'], signal.SIGSTOP)
        self.addCleanup(end_group, told['group'])
        return told['group']
