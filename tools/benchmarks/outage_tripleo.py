# SPDX-License-Identifier: Apache-2.0
"""What users of a control plane in containers see of a set with stopall=yes:
of a freeze twenty times, of a stop, and of stop, tar.gz and start; and how
long one that is lost is away."""
import statistics
import uuid

from baas.tests.integration import process
from baas.tests.lab import cloud
from benchmarks import backup
from benchmarks import outage
from benchmarks import raw
from benchmarks import standalone
from benchmarks import table
from container_lab import faults

FREEZES = 20
_WAY = {'work': '', 'freeze': '?stopall=yes', 'stop': '?stopall=yes'}
_STOP = '''systemctl stop 'tripleo_*.timer' 'tripleo_*.service'
systemctl stop pacemaker corosync
echo stopped
'''
_START = '''systemctl start corosync pacemaker
systemctl start $(systemctl list-unit-files --no-legend --state=enabled \
    'tripleo_*.timer' 'tripleo_*.service' | cut -d' ' -f1)
echo started
'''


def measure():
    """Measure and print; give the exit status."""
    if not backup.is_possible():
        print('The lab does not answer.\n  hint: bring it up with tools/lab '
              'up --shape tripleo and wait until tools/lab status is content')
        return 1
    place, found = raw.Raw(uuid.uuid4().hex[:8], list(_WAY)), {}
    with process.folder() as folder:
        place.make()
        services = {way: standalone.Standalone(
            folder / way, more=backup.configuration(place.path(way))
            + f'[quiesce]\nmode = {way.replace("work", "stop")}\n')
            for way in _WAY}
        try:
            found['work'] = [_seen(_set(services, 'work')) for _ in range(3)]
            found['freeze'] = [_seen(_set(services, 'freeze'))
                               for _ in range(FREEZES)]
            alone = outage.cluster_alone()
            found['stop'] = [_seen(_set(services, 'stop'))]
            found['old'] = [_seen(_old_way)]
            restore = _restore(services['work'])
        finally:
            for one in services.values():
                one.process.kill()
            place.clear()
    return _report(found, alone, restore)


def _set(services, way):
    def act():
        service = services[way].start()
        try:
            backup.Set(service).take(_WAY[way])
        finally:
            service.process.kill()
    return act


def _seen(act):
    """Do something while users work; give the longest gap and the number of
    errors of each probe ({probe: (seconds, errors)})."""
    outage.wait_until_well()
    with cloud.Cloud() as users:
        probes = {'database': users.database, 'tokens': users.tokens}
        for one in probes.values():
            one.wait_for(20)
        act()
        for one in probes.values():
            one.wait_for(one.written + 20, 300)
        seen = {name: (one.longest_gap(), len(one.errors))
                for name, one in probes.items()}
    print('  ' + ', '.join(f'{name} {gap:.2f} s, {errors} errors'
                           for name, (gap, errors) in seen.items()),
          flush=True)
    return seen


def _old_way():
    for words, seconds in ((_STOP, 600), (outage.COPY, 3600), (_START, 300)):
        outage.on_all(words, seconds)
    outage.wait_until_well()


def _restore(service):
    """Lose a controller, and restore it; give the seconds."""
    outage.wait_until_well()
    node = faults.find('controller-1')
    one = backup.Set(service.start()).take()
    faults.wreck(node)
    faults.start_rescue(node)
    took = one.restore(node.name)
    outage.wait_until_well(60)
    print(f'  {took:.0f} s', flush=True)
    return took


def _report(found, alone, restore):
    gaps = {way: {probe: sorted(one[probe][0] for one in seen)
                  for probe in ('database', 'tokens')}
            for way, seen in found.items()}
    rows = [(way, str(len(seen)), *(
        f'{statistics.median(gaps[way][probe]):.2f} s, '
        f'{gaps[way][probe][-1]:.2f} s' for probe in ('database', 'tokens')),
        str(sum(one[probe][1] for one in seen for probe in one)))
        for way, seen in found.items()]
    frozen, old = gaps['freeze']['database'], gaps['old']['database'][0]
    judged = [
        table.judge(f'Freeze: {FREEZES - 1} of {FREEZES} for the database',
                    frozen[-2], 0.5, unit=' s'),
        table.judge('Freeze: tokens, over sets at work',
                    gaps['freeze']['tokens'][-2] / gaps['work']['tokens'][-1],
                    1.2),
        table.judge('Freeze: requests that failed', sum(
            one[probe][1] for one in found['freeze'] for probe in one), 0),
        table.judge('Stop: over the start of the bundles alone',
                    gaps['stop']['database'][0] - alone, 10, unit=' s'),
        table.judge('Freeze: the old way takes times as long',
                    old / frozen[-2], 15, more_is_better=True)]
    table.show('Outage as users of a cloud in containers see it', (
        'way', 'sets', 'database: median, longest', 'tokens', 'errors'),
        rows, [
        'Longest time between two that worked, through HAProxy, tried every '
        '50 ms: a row written and read in Galera, and a token of Keystone. '
        'Three controllers, users and the service share one machine: a token '
        'waits for a processor, more or less as in sets at work.',
        'Old way: stop units and cluster, tar.gz of each node at once, '
        'written nowhere, start. Others: a set, from POST until done.',
        f'Bundles of Galera alone, from the start of Pacemaker to the first '
        f'write: {alone:.1f} s.',
        f'Restore of one controller, from POST until it was a member with all '
        f'its bundles: {restore:.0f} s.',
        *(words for words, _status in judged)])
    return max(status for _words, status in judged)
