# SPDX-License-Identifier: Apache-2.0
"""Start again what the record says was stopped; undo what else is owed."""
import time

from baas.node import clock
from baas.node import database
from baas.node import failure
from baas.node import galera
from baas.node import record
from baas.node import units

_WAIT = 300
_STAGE = 60
_AGAIN = 5


def resume(request):
    """Start in reverse order what was stopped; again is harmless.

    The option ``wait`` (seconds, 300) limits how long to retry.

    :returns: {'started': [units], 'seconds', 'outage': seconds or 0.0}.
    :raises failure.NodeError: something is still not running; the record
        keeps it, and the dead-man goes on.
    """
    wait = float(request.options.get('wait', _WAIT))
    return undo(wait, request.job, request.epoch)


def undo(wait, job=None, epoch=None):
    """Undo all that is owed by whichever job, or by one.

    :param wait: seconds to go on trying.
    :returns: as :func:`resume`.
    """
    began = clock.boottime()
    with record.held(job, epoch) as held:
        # From here on no rest that is still at work can stop more.
        held.data['rest_token'] = None
        held.save()
        owed = list(held.data['owed'])
    stages = _stages(owed)
    started = []
    for stage in stages:
        until = min(began + wait, clock.boottime() + _STAGE)
        started += _start(stage, until, job, epoch)
    missing = _last_tries(began + wait, started, job, epoch)
    _pay_others(job, epoch)
    result = {'started': started, 'outage': _outage(job, epoch, missing),
              'seconds': round(clock.boottime() - began, 3)}
    if missing:
        raise failure.NodeError(
            'Not running again: %s.' % ', '.join(sorted(missing)),
            'Look at systemctl status of these units; resume tries again.',
            result)
    return result


def _stages(owed):
    """Arrange what to start: last stopped first, triggers after services."""
    numbers = sorted({undo['stage'] for undo in owed
                      if undo['kind'] == 'unit'}, reverse=True)
    return [[undo for undo in reversed(owed) if undo['kind'] == 'unit'
             and undo['stage'] == number] for number in numbers]


def _is_back(undo, state):
    # What was failing over and over before need not do better now.
    return state in ('active', 'reloading') or (
        undo['was'] == 'activating' and state in ('activating', 'failed'))


def _start(stage, until, job, epoch):
    """Start units together and wait; give those that are back."""
    pending = {undo['unit']: undo for undo in stage}
    asked, back = {}, []
    while pending:
        found = units.states(sorted(pending))
        for name, state in sorted(found.items()):
            if name in asked and _is_back(pending[name], state) \
                    or state == 'active':
                with record.held(job, epoch) as held:
                    held.pay(pending.pop(name))
                back.append(name)
        now = clock.boottime()
        again = [name for name in pending
                 if found[name] not in units.RUNNING
                 and asked.get(name, -_AGAIN) + _AGAIN <= now]
        _ask(again)
        asked.update((name, now) for name in pending
                     if name in again or name not in asked)
        if now >= until:
            break
        if pending:
            time.sleep(0.1)
    return back


def _ask(names):
    """Ask systemd to start units, a Galera server in the way it needs."""
    for name in names:
        if not galera.start(name):
            units.act('start', [name])


def _last_tries(until, started, job, epoch):
    while True:
        with record.held(job, epoch) as held:
            stages = _stages(held.data['owed'])
        pending = [undo for stage in stages for undo in stage]
        if not pending:
            return []
        units.reset_failed([undo['unit'] for undo in pending])
        started += _start(pending, min(until, clock.boottime() + _STAGE),
                          job, epoch)
        if clock.boottime() >= until:
            with record.held(job, epoch) as held:
                return [undo['unit'] for undo in held.data['owed']
                        if undo['kind'] == 'unit']


def _pay_others(job, epoch):
    with record.held(job, epoch) as held:
        others = [undo for undo in held.data['owed']
                  if undo['kind'] == 'desync']
    for owed in others:
        database.undo_desync()
        with record.held(job, epoch) as held:
            held.pay(owed)


def _outage(job, epoch, missing):
    with record.held(job, epoch) as held:
        data = held.data
        if not data.get('first_stop'):
            return 0.0
        if data.get('outage') is None:
            if data['first_stop_boot'] == clock.boot_id():
                lasted = clock.boottime() - data['first_stop']
            else:
                lasted = time.time() - data['first_stop_time']
            if missing:
                return round(lasted, 3)
            data['outage'] = round(lasted, 3)
            held.save()
        return data['outage']
