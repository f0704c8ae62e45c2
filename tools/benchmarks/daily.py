# SPDX-License-Identifier: Apache-2.0
"""What thirty daily backups of a control plane take on the storage, beside
thirty archives by tar and gzip of the same trees."""
import json
import os
import pathlib
import subprocess
import sys
import time

from baas.tests.integration import process
from baas.tests.integration import service
from benchmarks import control_plane
from benchmarks import table

DAYS = 30
_MIB = 1 << 20
_TAKE = '''import json, os, sys, time
from baas.node import payloads
from baas.node import paths
from baas.node import request
from baas.node.backup import reader
from baas.node.filelist import walk
top, given = sys.argv[1].encode(), json.load(sys.stdin)
asked = request.Request('capture', 'bench', 1, given)
payload = payloads.of(given)
payload.require(asked)
payload.prepare(asked)
found = reader.once(asked, top, walk.pattern(reader.globs(asked, [])),
                    given['parent'], lambda: None, time.time())
if found['differing']:
    sys.exit(found['differing'])
payload.store_list(asked, paths.state('files', reader.LIST))
print(json.dumps(found['stored']))
'''
"""A capture as the node program does it, of a folder in place of a view of
snapshots: which options restic gets is nowhere said but there."""


def measure():
    """Measure and print; give the exit status."""
    if not service.RESTIC.exists():
        print(f'There is no {service.RESTIC}.\n  hint: run tools/install')
        return 1
    size = int(os.environ.get('BAAS_BENCH_MIB', 96)) * _MIB
    with process.folder() as folder:
        tree = control_plane.Tree(folder / 'tree', size)
        ours, plain = _Restic(folder, tree.path), _Tar(folder, tree.path)
        for day in range(DAYS):
            if day:
                tree.live_a_day()
            # In turn, so that neither always finds the page cache warm.
            for one in (ours, plain) if day % 2 else (plain, ours):
                one.take(day)
            print(f'  day {day + 1}: {tree.size / _MIB:.1f} MiB, '
                  f'{tree.written / _MIB:.2f} written anew; stored '
                  f'{ours.stored[-1] / _MIB:.2f} and '
                  f'{plain.stored[-1] / _MIB:.2f} MiB', flush=True)
        ours.prove()
    _report(tree, ours, plain)
    return 0


class _Restic:
    """The payload ``restic`` of one node.

    :ivar stored: bytes that each day has added to the repository.
    :ivar seconds: what each day has taken.
    """

    def __init__(self, folder, tree):
        self.stored, self.seconds = [], []
        self._repository, self._tree = folder / 'repository', tree
        self._state, self._parent = folder / 'state', None
        work = folder / 'run' / 'bench'
        for place in (self._state / 'bin', work):
            place.mkdir(parents=True)
        (self._state / 'bin' / 'restic').symlink_to(service.RESTIC)
        (work / 'password').write_text('of-the-bench')
        self._environment = {
            **os.environ, 'BAAS_NODE_STATE': str(self._state),
            'BAAS_NODE_RUN': str(folder / 'run'),
            'RESTIC_PASSWORD_FILE': str(work / 'password')}

    def take(self, day):
        """Take the backup of a day."""
        before, begin = _size(self._repository), time.monotonic()
        said = subprocess.run(
            [sys.executable, '-c', _TAKE, str(self._tree)], text=True,
            env=self._environment, check=True, stdout=subprocess.PIPE,
            input=json.dumps({
                'payload': 'restic', 'repository': str(self._repository),
                'restic_args': [], 'host': 'controller-0',
                'backup': f'day-{day}', 'parent': self._parent}))
        self.seconds.append(time.monotonic() - begin)
        self.stored.append(_size(self._repository) - before)
        self._parent = json.loads(said.stdout)['snapshot']

    def prove(self):
        """See that all of it is there, and that the last day is as the tree
        is.

        :raises RuntimeError: it is not.
        """
        out = self._state / 'out'
        for words in (['check', '--read-data'],
                      ['restore', self._parent, '--target', str(out)]):
            subprocess.run([service.RESTIC, '-q', '-r', self._repository,
                            '--no-cache', *words], check=True,
                           env=self._environment, stdout=subprocess.DEVNULL)
        if subprocess.run(['diff', '-r', self._tree, out]).returncode:
            raise RuntimeError('What was stored is not what was there')


class _Tar:
    """An archive a day, as ReaR's NETFS and playbooks make it.

    :ivar stored: bytes of each archive.
    :ivar seconds: what each has taken.
    """

    def __init__(self, folder, tree):
        self.stored, self.seconds = [], []
        self._path, self._tree = folder / 'archive.tar.gz', tree

    def take(self, _day):
        """Make the archive of a day; it is measured and removed."""
        begin = time.monotonic()
        subprocess.run(['tar', '--numeric-owner', '--acls', '--xattrs',
                        '-C', self._tree, '-czf', self._path, '.'],
                       check=True)
        self.seconds.append(time.monotonic() - begin)
        self.stored.append(self._path.stat().st_size)
        self._path.unlink()


def _size(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob('*')
               if path.is_file())


def _report(tree, ours, plain):
    rows = []
    for name, part in (('first day', slice(0, 1)),
                       (f'{DAYS - 1} later days', slice(1, None)),
                       (f'all {DAYS} days', slice(None))):
        figures = []
        for kind in ('stored', 'seconds'):
            figures.append([sum(getattr(one, kind)[part])
                            for one in (ours, plain)])
        (here, there), (fast, slow) = figures
        rows.append((name, f'{here / _MIB:.1f} MiB',
                     f'{there / _MIB:.1f} MiB', f'{here / there:.2f}',
                     f'{fast:.1f} s', f'{slow:.1f} s', f'{fast / slow:.2f}'))
    table.show(
        f'{DAYS} daily backups', ('days', 'stored, restic', 'stored, tar.gz',
                                  'ratio', 'time, restic', 'time, tar.gz',
                                  'ratio'), rows,
        [f'{tree.size / _MIB:.0f} MiB in {tree.files} files at the end.',
         *control_plane.IN_WORDS,
         'restic: captures by the code of the node program, its file list '
         'and its hashes included; bytes of all files of the repository.',
         'tar.gz: "tar -czf", with one thread; bytes of all archives.'])
