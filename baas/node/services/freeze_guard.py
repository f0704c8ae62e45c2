# SPDX-License-Identifier: Apache-2.0
"""The watchdog of a freeze: a process that thaws when nobody else does.

It lives in memory, in a session of its own, and holds what must end with
it: the lock on the databases."""
import json
import os
import select
import signal
import subprocess
import time

from baas.node import errors
from baas.node import journal
from baas.node import selfexec
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import processes

_START = 20
_HINT = 'Look at the load of this node, and take another backup.'


class FreezeWatchdog:
    """A watchdog that was started by this process.

    :ivar lock: what it told of its session with the database (dict), before
        that is locked, too.
    """

    def __init__(self, job, epoch, until):
        """Start it.

        :param until: boot time at which it resumes the node.
        :raises errors.NodeError: it does not come up.
        """
        self._process = subprocess.Popen(
            selfexec.words() + ['freeze_watchdog', '--job', job, '--epoch',
                                str(epoch)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True, cwd='/',
            env=command.environment())
        self._received = b''
        self.lock = {}
        self.watch(until)

    def facts(self):
        """Give what :func:`end` needs to find it again (dict)."""
        pid = self._process.pid
        return {'pid': pid, 'start': processes.start_time(pid)}

    def send(self, **words):
        """Send it a line of JSON.

        :raises errors.NodeError: it is gone.
        """
        try:
            self._process.stdin.write(json.dumps(words).encode() + b'\n')
            self._process.stdin.flush()
        except OSError:
            raise errors.NodeError('The watchdog of the freeze is gone.',
                                   _HINT)

    def receive(self, until):
        """Wait for its answer (dict).

        :raises errors.NodeError: it says of an error, nothing, or is gone.
        """
        pipe = self._process.stdout
        while b'\n' not in self._received:
            left = max(0.0, until - clock.boottime())
            ready = select.select([pipe], [], [], left)[0]
            block = os.read(pipe.fileno(), 4096) if ready else b''
            if not block:
                raise errors.NodeError(
                    'The watchdog of the freeze %s.'
                    % ('is gone' if ready else 'does not answer'), _HINT)
            self._received += block
        line, _, self._received = self._received.partition(b'\n')
        said = json.loads(line.decode())
        # When it fails as a whole it says so as every verb does.
        said = said.get('baas', {}).get('error') or said
        if 'cause' in said:
            raise errors.NodeError(said['cause'], said['hint'])
        return said

    def watch(self, until):
        """Have it resume the node at a boot time, from now on.

        :raises errors.NodeError: it is gone.
        """
        self.send(until=until)
        self.receive(clock.boottime() + _START)

    def holds(self, until):
        """Ask it whether it still holds the lock on the database (bool).

        :raises errors.NodeError: see :meth:`receive`.
        """
        self.send(held=True)
        return self.receive(until)['held']

    def leave(self):
        """Let it go on alone."""
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except OSError:
                # It is gone, and what was told it last with it.
                continue


def known():
    """Give what the journal says of the watchdog (dict), or {}."""
    return (journal.load() or {}).get('freeze_watchdog') or {}


def is_alive(facts):
    """Tell whether a watchdog still runs, by its facts."""
    return bool(facts) and (
        processes.start_time(facts['pid']) == facts['start'] is not None)


def unlock(seconds=5):
    """Make the watchdog of the journal let go of the databases.

    :returns: True when whoever held the lock is gone.
    """
    facts = known()
    client = facts.get('client')
    if facts.get('pid') == os.getpid():
        return True  # it did so before it began to resume
    if is_alive(facts):
        _send(facts['pid'], signal.SIGUSR1)
    until = clock.boottime() + seconds
    while client and is_alive(client):
        if clock.boottime() >= until:
            return False
        time.sleep(0.005)
    return True


def end():
    """End the watchdog of the journal, if it is not this process."""
    facts = known()
    if is_alive(facts) and facts['pid'] != os.getpid():
        _send(facts['pid'], signal.SIGTERM)


def _send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:  # pragma: no cover - it ends meanwhile
        return
