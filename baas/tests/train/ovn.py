# SPDX-License-Identifier: Apache-2.0
"""The databases of OVN as their clients have them, and as each replica is."""
import subprocess
import threading
import time

from baas.tests.lab import machines
from baas.tests.lab import service as services

ADDRESS = f'{services.NETWORK}.102'
_IN = ('podman exec $(podman ps -q --filter name=ovn-dbs-bundle) ')
_STATUS = _IN + ('ovs-appctl -t /run/ovn/ovnnb_db.ctl '
                 'ovsdb-server/sync-status | sed -n "s/^state: //p"')
# From the server of this node itself, whether it is at work or follows.
_SWITCHES = _IN + ('ovsdb-client --no-headings -f csv dump '
                   'unix:/run/ovn/ovnnb_db.sock OVN_Northbound '
                   'Logical_Switch name')


def ask(*words, seconds=5):
    """Have ``ovn-nbctl`` do something at the address of the databases.

    :returns: (exit status, what it has said).
    """
    done = subprocess.run(
        ['ovn-nbctl', f'--db=tcp:{ADDRESS}:6641', f'--timeout={seconds}',
         *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout.strip()


def states():
    """Tell how each replica is ({node: ``active`` or ``backup``})."""
    return {node: machines.on(node, _STATUS, check=False).strip()
            for node in services.CONTROLLERS}


def at_work():
    """Give the node whose replica is at work."""
    found = [node for node, state in states().items() if state == 'active']
    assert len(found) == 1, states()
    return found[0]


def switches(node):
    """Give the names of the switches that the replica of a node has."""
    return sorted(line.strip('"') for line in
                  machines.on(node, _SWITCHES).splitlines() if line)


class Client:
    """Adds switches without an end; a context manager.

    :ivar added: names of those that were acknowledged.
    :ivar errors: what went wrong, in words.
    """

    def __init__(self, prefix):
        # What a run before has added is still there.
        self.prefix = f'{prefix}-{time.time_ns()}'
        self.added, self.errors = [], []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exception):
        self._end.set()
        self._thread.join()

    def wait_for(self, number, seconds=60):
        """Wait until so many are added."""
        until = time.monotonic() + seconds
        while len(self.added) < number:
            if time.monotonic() > until:
                raise AssertionError(f'{len(self.added)} of {number} switches '
                                     f'after {seconds} s: {self.errors[-3:]}')
            time.sleep(0.1)

    def _run(self):
        while not self._end.is_set():
            name = f'{self.prefix}-{len(self.added):04}'
            status, said = ask('--may-exist', 'ls-add', name, seconds=20)
            if status:
                self.errors.append(said)
            else:
                self.added.append(name)
