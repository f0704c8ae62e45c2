# SPDX-License-Identifier: Apache-2.0
"""A set of the lab's three controllers beside restic alone on the same."""
import threading
import time
import uuid

import requests

from baas.tests.integration import process
from benchmarks import memory
from benchmarks import raw
from benchmarks import standalone
from benchmarks import table
from container_lab import cluster
from container_lab import places

SHARE = 100
"""One part in so many of the data is changed for the second backup."""
_CHANGED = '/var/lib/baas-bench.bin'
_MIB = 1 << 20


def is_possible():
    """Tell whether the lab is up."""
    return places.INVENTORY.exists() and all(
        cluster.answers(node) for node in places.CONTROLLERS)


def measure():
    """Measure and print; give the exit status."""
    if not is_possible():
        print('The lab does not answer.\n  hint: bring it up with tools/lab '
              'up and wait until tools/lab status is content')
        return 1
    run = uuid.uuid4().hex[:8]
    with process.folder() as folder:
        restic = raw.Raw(run)
        service = standalone.Standalone(
            folder / 'state', more=configuration(restic.path('baas')))
        try:
            restic.make()
            _change()
            alone = _cold(restic.run)
            service.start()
            first = _cold(lambda: Set(service).take())
            size = first.size // len(first.backups) // SHARE
            alike = first.stored / first.size
            _change(size, alike)
            # What the change of size has cost is not to be in the figures.
            Set(service).take()
            _change(size, alike)
            second = Set(service).take()
        finally:
            service.process.kill()
            cluster.on_all(places.CONTROLLERS, lambda node: cluster.ssh(
                node, f'rm -f {_CHANGED}'))
            restic.clear()
    return _report(alone, first, second)


class Set:
    """One set, from the request to its end.

    :ivar seconds: from POST until the job was done.
    :ivar sent: bytes that left the nodes' network cards.
    :ivar memory: peak of resident bytes of the service: (itself, children).
    """

    def __init__(self, service):
        self._service = service
        self._who = ('admin', service.password())
        self.backups, self.memory = [], (0, 0)

    def take(self, query=''):
        """Take it; give itself.

        :param query: options of the request, with their question mark.
        """
        ended = threading.Event()
        watch = threading.Thread(target=self._watch, args=(ended,))
        before, begin = raw.sent(), time.monotonic()
        watch.start()
        try:
            job = self._done(f'/v1/backup/overcloud{query}')
        finally:
            ended.set()
            watch.join()
        self.seconds, self.sent = time.monotonic() - begin, raw.sent() - before
        self.steps = job['steps']
        self.backups = self._call(
            'GET', f'/v1/backup?set_id={job["id"]}')['backups']
        return self

    def restore(self, node):
        """Restore what it has of a node; give the seconds from POST until
        the job was done."""
        [row] = [row for row in self.backups if row['node'] == node]
        begin = time.monotonic()
        self._done(f'/v1/restore/{row["id"]}/{node}')
        return time.monotonic() - begin

    @property
    def size(self):
        """Bytes of all files that it holds."""
        return sum(row['size_bytes'] for row in self.backups)

    @property
    def stored(self):
        """Bytes that it has added to the storage."""
        return sum(row['stored_bytes'] for row in self.backups)

    def _done(self, path):
        job = self._call('POST', path)
        while not job['finished_at']:
            time.sleep(0.5)
            job = self._call('GET', f'/v1/job/{job["id"]}')
        if job['state'] != 'done':
            raise RuntimeError(f'The job failed: {job["error"]}')
        return job

    def _call(self, method, path):
        answer = requests.request(
            method, f'http://127.0.0.1:{self._service.port}{path}',
            auth=self._who, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def _watch(self, ended):
        while not ended.wait(0.5):
            now = memory.resident(self._service.process.pid)
            self.memory = tuple(max(pair) for pair in zip(self.memory, now))


def configuration(path):
    """Give the text that leads a service to the lab and a folder there."""
    return (f'[runner]\ninventory = {places.INVENTORY}\n'
            f'[payload]\nrestic = {raw.RESTIC}\n'
            f'[storage]\ndriver = sftp\n'
            f'[storage_sftp]\nhost = {raw.STORAGE.address}\n'
            f'user = backup\npath = {path}\n'
            f'private_key = {raw.KEY}\nknown_hosts = {raw.KNOWN_HOSTS}\n'
            f'[boot_ssh]\nprivate_key = {places.SSH / "id_ed25519"}\n'
            f'known_hosts = {places.SSH / "rescue_known_hosts"}\n')


def _cold(act):
    """Do something with nothing in the page cache, which machines of the
    lab and this host share."""
    with open('/proc/sys/vm/drop_caches', 'w') as handle:
        handle.write('3\n')
    return act()


def _change(size=8 * _MIB, share=1.0):
    """Write new data into the same file.

    :param size: bytes.
    :param share: part of each MiB that cannot be compressed, so that what
        is changed is of the same kind as the rest.
    """
    random = int(share * _MIB)
    script = (f'for i in $(seq {size // _MIB}); do '
              f'head -c {random} /dev/urandom; '
              f'head -c {_MIB - random} /dev/zero; done >{_CHANGED}.new && '
              f'cat {_CHANGED}.new >{_CHANGED}; rm {_CHANGED}.new; sync')
    cluster.on_all(places.CONTROLLERS,
                   lambda node: cluster.ssh(node, script, 300))


def _report(alone, first, second):
    rows = [('restic alone', f'{alone.seconds:.1f} s',
             f'{alone.sent / _MIB:.1f} MiB', '-'),
            *((name, f'{one.seconds:.1f} s', f'{one.sent / _MIB:.1f} MiB',
               f'{one.stored / _MIB:.1f} MiB')
              for name, one in (('first set', first),
                                (f'set after 1/{SHARE} changed', second)))]
    judged = [
        table.judge('First set over restic alone',
                    first.seconds - alone.seconds, 15, unit=' s'),
        table.judge('Sent by the later set over the first',
                    100 * second.sent / first.sent, 3, unit=' %'),
        table.judge('Stored by the later set over the first',
                    100 * second.stored / first.stored, 3, unit=' %'),
        table.judge('Resident memory of the service at its peak',
                    first.memory[0] / _MIB, 250, unit=' MiB')]
    table.show('A set of three controllers', ('what', 'wall time', 'sent',
                                              'stored'), rows, [
        f'{first.size / _MIB:.0f} MiB in '
        f'{sum(row["files"] for row in first.backups)} files on '
        'three nodes of the container lab, SFTP storage, fresh repositories, '
        'page cache dropped before the first two.',
        'restic alone: init, btrfs snapshot, restic backup, over ssh on '
        'three nodes at once, nested subvolumes left out. Set: from POST '
        'until the job was done.',
        'Sent: what the network cards of the nodes count, cluster traffic '
        'included. Changed: one file of that share of all bytes, as hard to '
        'compress as all of them together, rewritten.',
        'Steps of the first set: ' + ', '.join(raw.steps(first.steps)),
        f'Ansible and its children beside it: '
        f'{first.memory[1] / _MIB:.0f} MiB at their peak.',
        *(words for words, _status in judged)])
    return max(status for _words, status in judged)
