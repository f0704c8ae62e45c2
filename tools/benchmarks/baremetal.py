# SPDX-License-Identifier: Apache-2.0
"""A machine back from a blank disk, beside ReaR by hand on the same; and what
a rescue image saves that is used again."""
import pathlib
import time

from baas.tests.baremetal import metal
from baas.tests.baremetal import service
from benchmarks import raw
from benchmarks import rear
from benchmarks import table

_HOUR = 3600
_PHASES = (
    ('plan', 'plan', None),
    ('rescue system', 'rescue', 'rescue system'),
    ('disks, files, boot loader', 'recover', 'rear recover'),
    ('boot from disk', 'boot', 'boot'),
    ('back in the cluster', 'rejoin', None),
    ('services and machine as they were', 'check', None),
    ('nothing left behind', 'release', None))
_STALE = 'sync; echo 3 >/proc/sys/vm/drop_caches'


def is_possible():
    """Tell whether this machine can have the bare-metal lab."""
    return pathlib.Path('/dev/loop-control').exists()


def measure():
    """Measure and print; give the exit status."""
    if not is_possible():
        print('This machine has no loop devices.\n  hint: measure on one '
              'where tools/lab-baremetal up works')
        return 1
    metal.lab('up', '--netboot', 'pxelinux')
    ours, hand = service.Service(), rear.ByHand()
    try:
        ours.configure(method='pxe')
        ours.start()
        first, second = _back_up(ours), _back_up(ours)
        archived = hand.back_up()
        metal.lab('wreck')
        restored = _restore(ours)
        metal.lab('wreck')
        hand.recover()
    finally:
        hand.clear()
        ours.remove()
        metal.lab('down')
    return _report(first, second, archived, restored, hand)


def _back_up(ours):
    """Take a backup; give (seconds, steps)."""
    metal.on(_STALE)
    return _job(ours, '/v1/backup/overcloud?stopall=no')


def _restore(ours):
    """Restore the newest backup; give (seconds, steps)."""
    backup = ours.call('GET', '/v1/backup/last')[1]

    def turn_on(_id):
        metal.wait_until('there is a boot entry', metal.ENTRY.exists, 900)
        metal.lab('power', 'on')

    return _job(ours, f'/v1/restore/{backup["id"]}/{metal.NODE}', turn_on)


def _job(ours, path, meanwhile=lambda id: None):
    begun = time.monotonic()
    job = ours.submit(path)
    meanwhile(job['id'])
    job = ours.wait(job['id'], 2 * _HOUR)
    if job['state'] != 'done':
        raise RuntimeError(f'{path} failed: {job["error"]}')
    took, steps = time.monotonic() - begun, dict(raw.durations(job['steps']))
    print(f'  {job["kind"]} {took:.0f} s: ' + ', '.join(
        f'{name} {seconds:.0f} s' for name, seconds in steps.items()),
        flush=True)
    return took, steps


def _report(first, second, archived, restored, hand):
    took, steps = restored
    rows = [
        ('from POST, or power on, to its end', _show(took),
         _show(hand.seconds)),
        *((f'  {what}', _show(steps.get(step)),
           _show(hand.phases.get(phase))) for what, step, phase in _PHASES),
        ('backup', _show(first[0]), _show(archived)),
        ('  of it the image', _show(first[1]['prepare']), '-'),
        ('backup once more', _show(second[0]), '-'),
        ('  of it the image', _show(second[1]['prepare']), '-')]
    words, status = table.judge('From POST to member over ReaR by hand',
                                took / hand.seconds, 1.2)
    saved = first[1]['prepare'] - second[1]['prepare']
    table.show('One machine, from a blank disk', (
        'what', 'service', 'by hand'), rows, [
        'The same machine of the bare-metal lab, blank disk of the same '
        'size, booted by pxelinux, one after the other.',
        'By hand: rear mkbackup to NFS (tar, gzip); rear recover at once '
        'after a login, and no further than a login to the machine: no file '
        'is compared, no service looked at.',
        'Steps of the two backups: ' + ', '.join(
            f'{name} {seconds:.0f} and {second[1][name]:.0f} s'
            for name, seconds in first[1].items()),
        f'An image that is used again saves {saved:.0f} s.', words])
    return status


def _show(seconds):
    return '-' if seconds is None else f'{seconds:.0f} s'
