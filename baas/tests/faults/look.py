# SPDX-License-Identifier: Apache-2.0
"""Is all as before? Every difference and every leftover, in one look."""
from concurrent import futures
import json
import time

from baas.tests.lab import machines
from baas.tests.lab import service as services

_BROKEN = 'the look itself did not work'
# Each line that it prints is something that is not as before; lines with
# "=" in front are compared with those of the first look.
_NODE = '''
systemctl list-units --state=active,failed --no-legend --plain \
    'tripleo_*' 'kolla-*' rabbitmq-server.service pacemaker.service \
    corosync.service |
    awk '{print "=" $1, $3, $4}'
crm_mon -1 | sed -n 's/^[ *]*ip-/=ip-/p' |
    sed 's/Started .*/Started/'
# Which replica of a bundle is on which node, and where a single one runs, is
# the cluster's to choose: how many there are, the status of the lab says.
for engine in podman docker; do
    $engine ps --format '={{.Names}}' 2>/dev/null |
        sed -E '/^=openstack-.*-(podman|docker)-[0-9]+$/d
            s/-(podman|docker)-[0-9]+$//' | sort
done
sql() {
    for engine in podman docker; do
        box=$($engine ps --format '{{.Names}}' 2>/dev/null |
            grep -E '^(galera-bundle.*|mariadb)$') || continue
        $engine exec "$box" sh -c '[ -e ~/.my.cnf ] ||
            export MYSQL_PWD=lab-root; mariadb "$@"' sh -u root "$@"
        return
    done
    mariadb "$@"
}
sql -NBe "SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'; SHOW GLOBAL
    VARIABLES WHERE Variable_name IN ('wsrep_desync', 'read_only')" |
    sed 's/^/=/'
cibadmin --query | grep -oE 'name="(maintenance-mode|baas-)[^/]*' |
    sed 's/^/property of the cluster: /'
for path in /etc/systemd/system/baas-deadman.service \
    /etc/systemd/system/*/baas-deadman.service /run/baas-node/* \
    /.baas-snapshots/* /srv/lab/subvol/.baas-snapshots/* \
    /var/lib/baas-node/hold; do
    if [ -e "$path" ] || [ -h "$path" ]; then echo "there is $path"; fi
done
if systemctl is-active -q baas-deadman.service; then
    echo 'the dead-man runs'
fi
mount | grep baas-node | sed 's/^/mounted: /'
pgrep -a -f 'python3? [^ ]*/[b]aas-node|bin/[r]estic' | sed 's/^/at work: /'
python3 - <<'END'
import json, os
path = '/var/lib/baas-node/journal.json'
record = json.load(open(path)) if os.path.exists(path) else {'closed': True}
if not record.get('closed'):
    print('the record of job %s is open' % record['job'])
if record.get('pending'):
    print('pending: %s' % record['pending'])
END
echo end
'''
# A whole backup has a manifest with its signature, and two snapshots: of its
# files, and of the list of them.
_STORAGE = '''
cd %s/* || exit  # the only cloud
for node in controller-0 controller-1 controller-2; do
    echo "$node manifests $(ls $node/manifests | wc -l)" \
        "snapshots $(ls $node/restic/snapshots | wc -l)" \
        "locks $(ls $node/restic/locks | wc -l)"
done
'''


class Look:
    """Looks at the lab and at the service; remembers the first look.

    :param pair: a :class:`baas.tests.faults.pair.Pair`.
    """

    def __init__(self, pair):
        self._pair = pair
        self._before = None
        with futures.ThreadPoolExecutor() as pool:
            self._before = dict(zip(services.CONTROLLERS, pool.map(
                _same, services.CONTROLLERS)))

    def look(self):
        """Give what is not as before: of services and cluster, and what is
        left over (two lists of sentences)."""
        unwell = json.loads(services.lab('status', '--json', check=False)
                            or '{}').get('complaints', [_BROKEN])
        left = self._stored()
        with futures.ThreadPoolExecutor() as pool:
            looks = zip(services.CONTROLLERS, pool.map(
                _lines, services.CONTROLLERS))
        for node, lines in looks:
            now = [line for line in lines if line.startswith('=')]
            if now != self._before[node]:
                unwell.append(f'{node}: {now} and not {self._before[node]}')
            left += [f'{node}: {line}' for line in lines
                     if not line.startswith('=')]
        return unwell, left

    def differences(self):
        """Give all that is not as before (list of sentences)."""
        return sum(self.look(), [])

    def wait_until_well(self, bound):
        """Wait until services and cluster are as before.

        :param bound: seconds that it may take.
        :returns: what was left over at that moment.
        :raises AssertionError: it took longer.
        """
        until = time.monotonic() + bound
        while True:
            unwell, left = self.look()
            if not unwell:
                return left
            assert time.monotonic() < until, f'after {bound} s: {unwell}'
            time.sleep(1)

    def _stored(self):
        """Give what is stored and belongs to no whole backup, and what is
        left on the host of the conductor."""
        rows = self._pair.backups()
        expected = []
        for node in services.CONTROLLERS:
            count = sum(row['node'] == node for row in rows)
            expected.append(f'{node} manifests {2 * count} snapshots '
                            f'{2 * count} locks 0')
        stored = machines.on('storage-0', _STORAGE % self._pair.folder,
                             check=False).splitlines()
        found = [f'stored: {line}, not {wanted}'
                 for line, wanted in zip(stored, expected) if line != wanted]
        if len(stored) != len(expected):
            found.append(f'stored: {stored}')
        jobs = self._pair.one.state / 'jobs'
        return found + [f'there is {path}'
                        for path in jobs.glob('*/*/secrets/*')]


def _lines(node):
    lines = machines.on(node, _NODE, check=False).splitlines()
    if lines[-1:] != ['end']:
        return [f'{_BROKEN}: {lines[-1:]}']
    return lines[:-1]


def _same(node):
    return [line for line in _lines(node) if line.startswith('=')]
