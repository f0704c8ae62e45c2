# SPDX-License-Identifier: Apache-2.0
"""Wake what the record says was brought to rest; undo what else is owed."""
import sys

from baas.node.cluster import mariadb
from baas.node import errors
from baas.node import journal
from baas.node.quiesce import outage_clock
from baas.node.services import base
from baas.node.services import freeze_guard
from baas.node.services import registry
from baas.node.system import clock

_WAIT = 300
_STAGE = 60


def resume(request):
    """Wake in reverse order what rests; again is harmless.

    The option ``wait`` (seconds, 300) limits how long to retry.

    :returns: {'started': [names], 'seconds', 'outage': seconds or 0.0,
        'services': {name: seconds it was out}}.
    :raises errors.NodeError: something is still not running; the record
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
    with journal.held(job, epoch) as held:
        # From here on no rest that is still at work can stop more.
        held.data['rest_token'] = None
        held.save()
        owed = list(held.data['owed'])
    started, unpaid = [], []
    for stage in _stages(owed):
        until = min(began + wait, clock.boottime() + _STAGE)
        unpaid += _wake(stage, until)
        # Each payment waits for the disk, and a freeze shall be short: to
        # thaw once more what was thawed is harmless.
        if any(one.get('way') != base.FREEZE for one in stage):
            started += _pay(unpaid, job, epoch)
            unpaid = []
    started += _pay(unpaid, job, epoch)
    missing = _last_tries(began + wait, started, job, epoch)
    trouble = _pay_others(job, epoch)
    result = dict(_outage(job, epoch), started=started,
                  seconds=round(clock.boottime() - began, 3))
    if missing:
        raise errors.NodeError(
            'Not running again: %s.' % ', '.join(sorted(missing)),
            'Look at systemctl status of these units; resume tries again.',
            result)
    freeze_guard.end()
    if trouble:
        raise errors.NodeError(trouble.cause, trouble.hint, result)
    return result


def _stages(owed):
    """Arrange what to wake: last at rest first, triggers after services."""
    staged = [undo for undo in reversed(owed) if 'stage' in undo]
    numbers = sorted({undo['stage'] for undo in staged}, reverse=True)
    return [[undo for undo in staged if undo['stage'] == number]
            for number in numbers]


def _wake(undos, until):
    """Wake things together; give [(undo, boot time at which it was back)]."""
    back = []
    for service in reversed(registry.ALL):
        mine = [undo for undo in undos if undo['kind'] == service.kind]
        if mine:
            # One kind of things that cannot be asked, or does not obey,
            # keeps nothing else from being woken: it is tried again.
            try:
                for undo in service.resume(mine, until):
                    back.append((undo, clock.boottime()))
            except errors.NodeError as error:
                print('%s %s' % (error.cause, error.hint), file=sys.stderr)
    return back


def _pay(back, job, epoch):
    """Take what is back off the record; give its names."""
    titles = []
    if back:
        with journal.held(job, epoch) as held:
            for undo, when in back:
                title = registry.name(undo)
                outage_clock.end(held.data, title, when)
                if registry.of(undo).counts:
                    titles.append(title)
            held.pay(*[undo for undo, _ in back])
    return titles


def _last_tries(until, started, job, epoch):
    while True:
        with journal.held(job, epoch) as held:
            pending = [undo for stage in _stages(held.data['owed'])
                       for undo in stage]
        if not pending:
            return []
        for service in registry.ALL:
            mine = [undo for undo in pending if undo['kind'] == service.kind]
            if mine:
                service.unblock(mine)
        started += _pay(_wake(pending, min(until, clock.boottime() + _STAGE)),
                        job, epoch)
        if clock.boottime() >= until:
            with journal.held(job, epoch) as held:
                return [registry.name(undo)
                        for undo in held.data['owed'] if 'stage' in undo]


def _pay_others(job, epoch):
    """Undo the rest; give the error of what is still owed, or None."""
    with journal.held(job, epoch) as held:
        others = [undo for undo in held.data['owed']
                  if undo['kind'] == 'desync']
    for owed in others:
        try:
            mariadb.undo_desync()
        except errors.NodeError as error:
            return error
        with journal.held(job, epoch) as held:
            held.pay(owed)
    return None


def _outage(job, epoch):
    with journal.held(job, epoch) as held:
        data = held.data
        found = {'outage': outage_clock.total(data),
                 'services': outage_clock.services(data)}
        if data.get('outage') is None and data.get('first_stop') and all(
                one['for'] is not None for one in data['out'].values()):
            data['outage'] = found['outage']
            held.save()
    return found
