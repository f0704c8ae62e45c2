# SPDX-License-Identifier: Apache-2.0
"""Resume quiesced services and run the undos that are pending."""
import sys
import traceback

from baas.node.cluster import galera
from baas.node.cluster import mariadb
from baas.node import errors
from baas.node import journal
from baas.node.quiesce import outage_clock
from baas.node.services import base
from baas.node.services import freeze_guard
from baas.node.services import pacemaker
from baas.node.services import registry
from baas.node.system import clock

_WAIT = 300
_STAGE = 60
PATIENCE = 20
"""Seconds for whoever has the journal: to ask for a stage to be quiesced takes
less, and more than that nobody shall be kept from resuming."""


def resume(request):
    """Resume in reverse order what is quiesced; again is harmless.

    The option ``wait`` (seconds, 300) limits how long to retry.

    :returns: {'started': [names], 'seconds', 'outage': seconds or 0.0,
        'services': {name: seconds it was out}}.
    :raises errors.NodeError: something is still not running; the journal
        keeps it, and the dead-man goes on.
    """
    wait = float(request.options.get('wait', _WAIT))
    try:
        return undo(wait, request.job, request.epoch)
    except journal.UnknownFormat as error:
        journal.refuse_stale(error.data, request.job, request.epoch)
        error.result = {'started': wake(error.data, wait)}
        raise


def undo(wait, job=None, epoch=None):
    """Run all pending undos of whichever job is open, or of one.

    :param wait: seconds to go on trying.
    :returns: as :func:`resume`.
    """
    began = clock.boottime()
    # A process that hangs with the journal keeps nobody from being resumed.
    with _edit(job, epoch, patience=PATIENCE) as opened:
        pending = list(opened.data['undos'])
        was_member = bool(opened.data['before'].get('galera'))
        # The journal waits for a disk, and what is frozen for that too long;
        # nobody can freeze more while we have the journal.
        _release(pending)
        opened.resuming()
    started = _resume_in_order(pending, was_member, began + wait, job, epoch)
    missing = _last_tries(began + wait, started, job, epoch)
    trouble = _undo_others(job, epoch)
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


def _resume_in_order(pending, was_member, until, job, epoch):
    """Resume stage by stage, what was frozen having been let go; give the
    names of what is back.

    :param was_member: whether the database of this node was one of a cluster.
    :param until: boot time after which to try no longer.
    """
    released, started, resumed = clock.boottime(), [], []
    stages = _stages(pending)
    for stage in stages:
        resumed += _resume(stage, min(until, clock.boottime() + _STAGE),
                           released)
        # Each change of the journal waits for the disk, and a freeze shall be
        # short: to thaw once more what was thawed is harmless.
        if any(one.get('mode') != base.FREEZE for one in stage):
            started += _clear(resumed, job, epoch)
            resumed = []
        if was_member and stage is not stages[-1] and any(
                map(_brings_database, stage)):
            # What comes after it shall have its time, too.
            galera.wait_until_synced(min(until - _STAGE,
                                         clock.boottime() + _STAGE))
    return started + _clear(resumed, job, epoch)


def _brings_database(undo):
    """Tell whether a database starts with a unit that was stopped. Those who
    use it start after it: beside them it would take longer, and they would
    find nothing."""
    return undo.get('mode') != base.FREEZE and undo.get('unit') in (
        galera.SERVERS + (pacemaker.UNIT,))


def _edit(job, epoch, **more):
    return journal.edit(job, epoch, undoing=True, **more)


def wake(data, wait):
    """Resume what a journal of another format says, as far as it is known
    here. The journal stays as it is, for the program that knows it.

    :param data: the journal (dict); see :data:`journal.FIXED`.
    :param wait: seconds to go on trying, for each stage: one that is not
        understood leaves time for the others.
    :returns: names of what is back (list of str).
    """
    undos, back = data.get('undos', ()), []
    known = [undo for undo in undos if registry.is_known(undo)]
    _release(known)
    for stage in _stages(known):
        try:
            back += _resume(stage, clock.boottime() + min(wait, _STAGE))
        except Exception:
            # It may lack anything: that keeps nothing else from being woken.
            traceback.print_exc()
    if any(undo.get('kind') == 'desync' for undo in undos):
        try:
            mariadb.undo_desync()
        except errors.NodeError as error:
            print('%s %s' % (error.cause, error.hint), file=sys.stderr)
    return [registry.name(undo) for undo, _ in back]


def _stages(pending):
    """Arrange what to resume: last quiesced first, triggers after services."""
    staged = [undo for undo in reversed(pending) if 'stage' in undo]
    numbers = sorted({undo['stage'] for undo in staged}, reverse=True)
    return [[undo for undo in staged if undo['stage'] == number]
            for number in numbers]


def _release(pending):
    """Let go at once of all that is frozen: to look whether it goes on takes
    longer, and is no time that anybody shall wait for."""
    for stage in _stages(pending):
        for service in reversed(registry.ALL):
            frozen = [undo for undo in stage if undo['kind'] == service.kind
                      and undo.get('mode') == base.FREEZE]
            try:
                if frozen:
                    service.release(frozen)
            except Exception:
                # It keeps nothing else from going on, and is tried again.
                traceback.print_exc()


def _resume(undos, until, released=None):
    """Resume things together; give [(undo, boot time at which it was
    back)].

    :param released: boot time at which what was frozen was let go: what then
        needed nothing more was back at that time, however long the look for
        it takes.
    """
    back = []
    for service in reversed(registry.ALL):
        mine = [undo for undo in undos if undo['kind'] == service.kind]
        if mine:
            # One kind of things that cannot be asked, or does not obey,
            # keeps nothing else from being woken: it is tried again.
            try:
                frozen = [undo for undo in mine if released
                          and undo.get('mode') == base.FREEZE]
                going = service.going_on(frozen) if frozen else []
                back += [(undo, released) for undo in going]
                mine = [undo for undo in mine if undo not in going]
                for undo in service.resume(mine, until) if mine else ():
                    back.append((undo, clock.boottime()))
            except errors.NodeError as error:
                print('%s %s' % (error.cause, error.hint), file=sys.stderr)
    return back


def _clear(back, job, epoch):
    """Take what is back off the journal; give its names."""
    titles = []
    if back:
        with _edit(job, epoch) as opened:
            lasted = {registry.name(undo): outage_clock.lasted(
                opened.data, registry.name(undo), when) for undo, when in back}
            titles = [registry.name(undo) for undo, _ in back
                      if registry.of(undo).client_visible]
            opened.resumed([undo for undo, _ in back], lasted)
    return titles


def _last_tries(until, started, job, epoch):
    while True:
        with _edit(job, epoch) as opened:
            pending = [undo for stage in _stages(opened.data['undos'])
                       for undo in stage]
        if not pending:
            return []
        for service in registry.ALL:
            mine = [undo for undo in pending if undo['kind'] == service.kind]
            if mine:
                service.reset_failed(mine)
        started += _clear(_resume(pending,
                                  min(until, clock.boottime() + _STAGE)),
                          job, epoch)
        if clock.boottime() >= until:
            with _edit(job, epoch) as opened:
                return [registry.name(undo)
                        for undo in opened.data['undos'] if 'stage' in undo]


def _undo_others(job, epoch):
    """Undo the rest; give the error of what is still pending, or None."""
    with _edit(job, epoch) as opened:
        others = [undo for undo in opened.data['undos']
                  if undo['kind'] == 'desync']
    for pending in others:
        try:
            mariadb.undo_desync()
        except errors.NodeError as error:
            return error
        with _edit(job, epoch) as opened:
            opened.clear_undos(pending)
    return None


def _outage(job, epoch):
    with _edit(job, epoch) as opened:
        data = opened.data
        found = {'outage': outage_clock.total(data),
                 'services': outage_clock.services(data)}
        if data.get('outage') is None and data.get('first_stop') and all(
                one['for'] is not None for one in data['outages'].values()):
            opened.outage_over(found['outage'])
    return found
