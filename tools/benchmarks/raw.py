# SPDX-License-Identifier: Apache-2.0
"""restic alone on the nodes of the lab: what a shell script would do."""
import datetime
import pathlib
import time

from container_lab import cluster
from container_lab import places

RESTIC = pathlib.Path('/var/cache/baas/bin/restic')
STORAGE = places.NODES['storage-0']
KEY = places.SSH / 'storage_ed25519'
KNOWN_HOSTS = places.SSH / 'storage_known_hosts'
_SEEN_AS = '/backup'
_FOLDER = '/srv/backup-root/backup'
_HERE = '/run/baas-bench'
_MAKE = '''set -e
umask 077
mkdir -p {here}
cat >{here}/key <<'END'
{key}
END
cat >{here}/known_hosts <<'END'
{known_hosts}
END
'''
_RUN = '''set -e
export RESTIC_REPOSITORY=sftp:backup@{host}:{path}/{node}
export RESTIC_PASSWORD=of-the-bench RESTIC_CACHE_DIR={here}/cache
r() {{ {here}/restic -q -o sftp.args='-i {here}/key -o UserKnownHostsFile={here}/known_hosts -o StrictHostKeyChecking=yes' "$@" </dev/null; }}
r init
btrfs subvolume snapshot -r / /.baas-bench >/dev/null
cd /.baas-bench
r backup . --host {node} --no-scan --exclude './tmp/*' \
  --exclude './var/tmp/*' --exclude ./var/lib/baas-node
cd /
btrfs subvolume delete /.baas-bench >/dev/null
echo stored
'''  # noqa: E501
_CLEAR = '''btrfs subvolume delete /.baas-bench >/dev/null 2>&1
rm -rf {here}
'''


class Raw:
    """Repositories of one run of the benchmark, beside those of the service.

    :param run: name of the run.
    :param folders: whose folders are made on the storage.
    :ivar seconds: how long the slowest node has taken.
    :ivar sent: bytes that left the nodes' network cards.
    """

    def __init__(self, run, folders=('baas', 'raw')):
        self._name, self._folders = f'bench-{run}', folders

    def path(self, whose):
        """Give the folder on the storage host as its user sees it."""
        return f'{_SEEN_AS}/{self._name}/{whose}'

    def make(self):
        """Bring program and key to the nodes; make the folders."""
        folder = f'{_FOLDER}/{self._name}'
        said = cluster.ssh(STORAGE, ' && '.join(
            f'install -d -o backup -g backup -m 700 {place}'
            for place in (folder, *(f'{folder}/{whose}'
                                    for whose in self._folders)))
            + ' && echo made')
        if said != 'made\n':
            raise RuntimeError(f'No folder could be made on {STORAGE.name}')
        cluster.on_all(places.CONTROLLERS, self._bring)

    def run(self):
        """Back up all three nodes at once; give itself."""
        before, begin = sent(), time.monotonic()
        said = cluster.on_all(places.CONTROLLERS, lambda node: cluster.ssh(
            node, _RUN.format(here=_HERE, host=STORAGE.address,
                              path=self.path('raw'), node=node.name), 3600))
        self.seconds, self.sent = time.monotonic() - begin, sent() - before
        for name, words in said.items():
            if 'stored' not in (words or ''):
                raise RuntimeError(f'restic alone failed on {name}')
        return self

    def clear(self):
        """Remove what the benchmark has made on nodes and storage."""
        cluster.on_all(places.CONTROLLERS, lambda node: cluster.ssh(
            node, _CLEAR.format(here=_HERE)))
        cluster.ssh(STORAGE, f'rm -rf {_FOLDER}/{self._name}', 300)

    def _bring(self, node):
        cluster.ssh(node, _MAKE.format(
            here=_HERE, key=KEY.read_text().strip(),
            known_hosts=KNOWN_HOSTS.read_text().strip()))
        # The host sees the disks of the machines that are on.
        place = node.root / 'var/lib/baas-bench-restic'
        place.write_bytes(RESTIC.read_bytes())
        cluster.ssh(node, f'mv /var/lib/baas-bench-restic {_HERE}/restic && '
                          f'chmod 700 {_HERE}/restic')


def sent():
    """Sum the bytes that have left the controllers' network cards (int)."""
    said = cluster.on_all(places.CONTROLLERS, lambda node: cluster.ssh(
        node, 'cat /sys/class/net/host0/statistics/tx_bytes'))
    return sum(int(words) for words in said.values())


def steps(shown):
    """Say how long each step of a job has taken."""
    for name, seconds in durations(shown):
        yield f'{name} {seconds:.1f} s'


def durations(shown):
    """Give the name of each step of a job that has ended, and the seconds
    that it has taken."""
    for step in shown:
        if step['started_at'] and step['finished_at']:
            took = (datetime.datetime.fromisoformat(step['finished_at'])
                    - datetime.datetime.fromisoformat(step['started_at']))
            yield step['name'], took.total_seconds()
