# SPDX-License-Identifier: Apache-2.0
"""The outage that a client sees: stop, tar.gz and start, beside ours."""
import time
import uuid

from baas.tests.integration import process
from baas.tests.lab import client
from benchmarks import backup
from benchmarks import raw
from benchmarks import standalone
from benchmarks import table
from container_lab import cluster
from container_lab import places

SIZES = (0.3, 1.0, 3.0)
"""GiB of data on each node, beside what the lab has."""
MODES = ('stop', 'freeze')
_DATA = '/srv/lab-bench'
# Half of it can be compressed, as in a mix of databases, logs and images.
_GROW = '''set -e
mkdir -p {data}
for i in $(seq {files}); do
    [ -e {data}/$i ] && continue
    for j in $(seq 16); do
        head -c 512K /dev/urandom; head -c 512K /dev/zero
    done >{data}/$i
done
sync
echo grown
'''
_STOP = '''systemctl stop 'tripleo_*.service' rabbitmq-server pacemaker
systemctl stop corosync
echo stopped
'''
COPY = '''cd / && tar --one-file-system -cz --exclude=./tmp --exclude=./proc \
  --exclude=./sys --exclude=./run . 2>/dev/null | wc -c
'''
_STOP_CLUSTER = '''systemctl stop pacemaker corosync
echo stopped
'''
_START_CLUSTER = '''systemctl start corosync pacemaker
echo started
'''
_START = '''systemctl start corosync pacemaker rabbitmq-server
systemctl start {units}
echo started
'''
_UNITS = 'tripleo_nova_api tripleo_keystone tripleo_neutron_api'


def measure():
    """Measure and print; give the exit status."""
    if not backup.is_possible():
        print('The lab does not answer.\n  hint: bring it up with tools/lab '
              'up and wait until tools/lab status is content')
        return 1
    run, found = uuid.uuid4().hex[:8], {}
    place = raw.Raw(run, MODES)
    with process.folder() as folder:
        place.make()
        services = {mode: standalone.Standalone(
            folder / mode, more=backup.configuration(place.path(mode))
            + f'[quiesce]\nmode = {mode}\n') for mode in MODES}
        try:
            alone = cluster_alone()
            for size in SIZES:
                _grow(size)
                found[size] = {
                    'old': _gap(_old_way),
                    **{mode: _gap(lambda one=one: _ours(one))
                       for mode, one in services.items()}}
        finally:
            for one in services.values():
                one.process.kill()
            cluster.on_all(places.CONTROLLERS, lambda node: cluster.ssh(
                node, f'rm -rf {_DATA}', 120))
            place.clear()
    return _report(found, alone)


def _grow(size):
    files = int(size * 1024 / 16)
    said = cluster.on_all(places.CONTROLLERS, lambda node: cluster.ssh(
        node, _GROW.format(data=_DATA, files=files), 900))
    if set(said.values()) != {'grown\n'}:
        raise RuntimeError(f'The data could not be written: {said}')


def _gap(act):
    """Do something while a client works; give the longest gap it saw."""
    wait_until_well()
    with client.Client(places.DATABASE) as one:
        one.wait_for(40)
        act()
        one.wait_for(one.written + 40, 300)
        gap = one.longest_gap()
    print(f'  {gap:.1f} s', flush=True)
    return gap


def _old_way():
    for words, seconds in ((_STOP, 300), (COPY, 3600),
                           (_START.format(units=_UNITS), 300)):
        on_all(words, seconds)
    wait_until_well()


def cluster_alone():
    """Give the seconds from the start of a stopped Galera under Pacemaker to
    the first write: nobody who stops it has it back sooner."""
    wait_until_well()
    with client.Client(places.DATABASE) as one:
        one.wait_for(40)
        on_all(_STOP_CLUSTER, 300)
        written, begun = one.written, time.monotonic()
        on_all(_START_CLUSTER, 300)
        one.wait_for(written + 1, 300)
        took = time.monotonic() - begun
    print(f'  {took:.1f} s', flush=True)
    return took


def on_all(words, seconds):
    """Run words of a shell on all controllers; each has to print
    something."""
    said = cluster.on_all(places.CONTROLLERS, lambda node: cluster.ssh(
        node, words, seconds))
    if not all(said.values()):
        raise RuntimeError(f'{words.split()[:2]} failed: {said}')


def _ours(service):
    # It runs only while it is measured: an idle one costs time too.
    service.start()
    try:
        backup.Set(service).take('?stopall=yes')
    finally:
        service.process.kill()


def wait_until_well(seconds=300):
    """Wait until the lab is.

    :raises RuntimeError: it is not in time.
    """
    until = time.monotonic() + seconds
    while not cluster.health()['well']:
        if time.monotonic() > until:
            raise RuntimeError('The lab does not become well.')
        time.sleep(2)


def _report(found, alone):
    rows = [(f'{size:g} GiB', *(f'{found[size][mode]:.1f} s'
                                for mode in ('old', 'stop', 'freeze')),
             f'1/{found[size]["old"] / found[size]["stop"]:.0f}',
             f'1/{found[size]["old"] / found[size]["freeze"]:.0f}')
            for size in SIZES]
    judged = []
    for mode, most in (('stop', None), ('freeze', 2)):
        gaps = [found[size][mode] for size in SIZES]
        judged.append(table.judge(
            f'{mode}: largest over smallest data', gaps[-1] / gaps[0], 1.2))
        judged.append(table.judge(
            f'{mode}: the old way takes times as long at 1 GiB',
            found[1.0]['old'] / found[1.0][mode], 15, more_is_better=True))
        if most:
            judged.append(table.judge(f'{mode}: longest outage', max(gaps),
                                      most, unit=' s'))
    judged.append(table.judge(
        'stop: longest outage over the start of Galera alone',
        max(found[size]['stop'] for size in SIZES) - alone, 10, unit=' s'))
    table.show('Outage as a client on the VIP sees it', (
        'data on each node', 'old way', 'stop', 'freeze', 'stop/old',
        'freeze/old'), rows, [
        'Longest time between two writes that worked, tried every 50 ms. '
        'Half of the data can be compressed.',
        'Old way: stop services and cluster, tar.gz of each node at once, '
        'written nowhere, start. Ours: a set with stopall=yes.',
        f'Galera and Pacemaker alone, from their start to the first write: '
        f'{alone:.1f} s.',
        *(words for words, _status in judged)])
    return max(status for _words, status in judged)
