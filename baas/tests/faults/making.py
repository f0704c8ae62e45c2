# SPDX-License-Identifier: Apache-2.0
"""How each fault is made and mended. Each is a context manager: it is made
on entering; on leaving it is waited for what it does, and mended."""
import contextlib
import signal
import subprocess
import sys
import time

from baas.tests.faults import pair as pairs
from baas.tests.faults.points import NODE
from baas.tests.lab import inside
from baas.tests.lab import machines
from baas.tests.lab import service as services

STORAGE = 'storage-0'
_FILL = ('cd /srv/backup-root && for s in 1G 64M 4M 256K 4K; do i=0; '
         'while fallocate -l $s fill-$s-$i 2>/dev/null; do i=$((i + 1)); '
         'done; done; sync')
_KILL_SSHD = 'pkill -9 -x sshd; exit 0'
# What somebody had started by hand no boot starts: he does it again.
_BY_HAND = 'podman start started_by_hand 2>/dev/null; exit 0'


@contextlib.contextmanager
def killed(pair, id):
    """The conductor is killed, and started again by whoever watches it."""
    pair.one.stop(signal.SIGKILL)
    yield
    pair.one.start()


@contextlib.contextmanager
def cancelled(pair, id):
    """Somebody cancels the job."""
    status, said = pair.api.call('POST', f'/v1/job/{id}/cancel')
    assert status == 202, said
    yield


@contextlib.contextmanager
def node_cut_off(pair, id):
    """The network cable of the node is out until the step has ended."""
    with _cut(NODE):
        yield
        pair.api.wait_for_end_of_step(id, pair.at_work(id))


@contextlib.contextmanager
def node_rebooted(pair, id, how='reboot'):
    """The node reboots in good order."""
    rebooting = subprocess.Popen(
        [sys.executable, str(services.TOP / 'tools' / 'lab'), how, NODE],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield
    assert rebooting.wait(300) == 0, f'{NODE} has not rebooted'
    machines.on(NODE, _BY_HAND)


def node_reset(pair, id):
    """The node reboots at once, which a capture does not outrun."""
    return node_rebooted(pair, id, 'reset')


@contextlib.contextmanager
def sshd_killed(pair, id):
    """sshd of the node dies with all its sessions; systemd starts it."""
    inside.run(NODE, _KILL_SSHD, '-m -p')
    yield


@contextlib.contextmanager
def node_read_only(pair, id):
    """The disk of the node on which its journal is takes no more changes,
    until the job ends."""
    inside.run(NODE, 'mount --bind /var/lib/baas-node /var/lib/baas-node && '
               'mount -o remount,bind,ro /var/lib/baas-node', '-m -p')
    try:
        yield
        pair.api.wait(id)
    finally:
        inside.run(NODE, 'umount /var/lib/baas-node', '-m -p')


@contextlib.contextmanager
def storage_full(pair, id):
    """Somebody fills the storage to the last block until the job ends."""
    machines.on(STORAGE, _FILL)
    try:
        yield
        pair.api.wait(id)
    finally:
        machines.on(STORAGE, 'rm -f /srv/backup-root/fill-*; sync')


@contextlib.contextmanager
def storage_gone(pair, id):
    """The storage serves nobody, and drops all it has served."""
    inside.run(STORAGE, 'systemctl stop ssh.service ssh.socket; '
               + _KILL_SSHD, '-m -p -n -u -i')
    try:
        yield
        pair.api.wait(id)
    finally:
        inside.run(STORAGE, 'systemctl start ssh.service', '-m -p -n -u -i')


@contextlib.contextmanager
def storage_cut_off(pair, id):
    """The storage does not answer any more until the job ends."""
    with _cut(STORAGE):
        yield
        pair.api.wait(id)


@contextlib.contextmanager
def database_killed(pair, id):
    """The database of the service dies for longer than a claim holds."""
    pair.database.kill()
    yield
    time.sleep(pairs.LEASE)
    pair.database.start()


@contextlib.contextmanager
def database_blocked(pair, id):
    """The database of the service answers nobody for longer than a claim
    holds."""
    pair.database.process.pause()
    yield
    time.sleep(pairs.LEASE)
    pair.database.process.go_on()


@contextlib.contextmanager
def conductor_paused(pair, id):
    """The conductor stands still past its lease, another takes its job over
    and ends it, and then it goes on: nothing of the job may change."""
    pair.one.process.send_signal(signal.SIGSTOP)
    try:
        yield
        pair.api = pair.two
        pair.two.start()
        pair.api.wait(id)
        ended = _seen(pair, id)
    finally:
        pair.one.process.send_signal(signal.SIGCONT)
        pair.api = pair.one
    pairs.wait_until(lambda: f'lease on job {id} is lost' in pair.one.words(),
                     'the conductor has noticed')
    time.sleep(5)
    pair.two.stop()
    assert ended == _seen(pair, id), f'{ended} is now {_seen(pair, id)}'


def _seen(pair, id):
    job = pair.api.job(id)
    del job['links']
    return job, pair.log(id)


@contextlib.contextmanager
def nothing(pair, id):
    """Nothing happens from outside; what is at fault is on the node."""
    yield


@contextlib.contextmanager
def _cut(name):
    services.lab('cut', name)
    try:
        yield
    finally:
        services.lab('mend', name)


def unit(name, lines):
    """Make a service of the node, for as long as a test lasts.

    :param name: of the unit; it is quiesced with those of the control plane.
    :param lines: of its section Service.
    :returns: (how to install it, how to remove it): functions.
    """
    path = f'/etc/systemd/system/{name}'
    install = (f'cat >{path} <<"END"\n[Service]\n{lines}\nEND\n'
               f'systemctl daemon-reload; systemctl start {name}')
    remove = (f'systemctl kill -s KILL {name}; systemctl stop {name}; '
              f'rm -f {path}; systemctl daemon-reload; '
              f'systemctl reset-failed {name}')
    return (lambda: machines.on(NODE, install),
            lambda: machines.on(NODE, remove, check=False))
