# SPDX-License-Identifier: Apache-2.0
"""Quiesce services, in order, with every undo on disk beforehand."""
import os

from baas.node.cluster import galera
from baas.node.cluster import membership
from baas.node import errors
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.quiesce import outage_clock
from baas.node.services import base
from baas.node.services import freeze_guard as watchdogs
from baas.node.services import registry
from baas.node.system import clock

_SHARE = 0.9
"""Of the time to quiesce: the conductor gives up when all of it is over, and
this node, which can name what is not quiesced, has the first word."""


def quiesce(request):
    """Quiesce what the option ``units`` (ordered list of items) means.

    The option ``deadman_timeout`` (seconds) sets when the node resumes by
    itself; ``mode`` is ``stop`` (the default) or ``freeze``.

    :returns: {'stopped': [names in order], 'seconds': float,
        'services': {name: seconds it has been out}}.
    :raises errors.NodeError: a thing was not quiesced, time ran out, or
        somebody has resumed the node meanwhile.
    """
    began = clock.boottime()
    within = float(request.option('deadman_timeout'))
    mode = request.options.get('mode') or base.STOP
    deadman.require()
    with journal.edit(request.job, request.epoch) as opened:
        before, resting = opened.data['before'], opened.data['undos']
    if not resting:
        _refuse_gone(before)
    stages = _stages(request.option('units'), mode)
    token = '%d.%.6f' % (os.getpid(), began)
    with journal.edit(request.job, request.epoch) as opened:
        _begin(opened, token, stages, began + within)
    watchdog = None
    if mode == base.FREEZE:
        watchdog = watchdogs.FreezeWatchdog(request.job, request.epoch,
                                            began + within)
        _save_watchdog(request, watchdog.facts())
        for service, things in [each for stage in stages for each in stage]:
            service.make_ready(things, began + within * _SHARE, watchdog)
    for stage in stages:
        _wait_for_turn(stage, mode, began + within / 2)
        _quiesce(request, token, stage, mode, began + within * _SHARE,
                 watchdog)
    if watchdog is not None:
        _save_watchdog(request, dict(watchdog.facts(), **watchdog.lock))
        watchdog.leave()
    return _result(began)


def _stages(entries, mode):
    stages = registry.stages(entries, mode)
    for problem in registry.problems(stages, mode):
        raise errors.NodeError(problem['cause'], problem['hint'])
    return stages


def _begin(opened, token, stages, until):
    clusters = {}
    if 'galera' not in opened.data['before']:
        clusters = {'galera': galera.state(), 'services': registry.before()}
    opened.quiescing(token, until, [
        thing for stage in stages for service, things in stage
        for thing in things if service.kind == 'unit'], clusters)


def _refuse_gone(before):
    """Refuse when a cluster that this node was in does not answer any more:
    whatever it is doing, it is not the time to quiesce.

    :raises errors.NodeError: one does not; it is named.
    """
    for name, key, look in (('Pacemaker', 'pacemaker', membership.pacemaker),
                            ('Galera', 'galera', galera.state),
                            ('RabbitMQ', 'rabbitmq', membership.rabbitmq)):
        if before.get(key) and not look():
            raise errors.NodeError(
                '%s ran on this node when the job began, and does not now.'
                % name, 'See what has become of it; then take another '
                'backup.')


def _save_watchdog(request, facts):
    with journal.edit(request.job, request.epoch) as opened:
        opened.watched(facts)


def _wait_for_turn(stage, mode, until):
    for service, things in stage if mode == base.STOP else ():
        if service.kind == 'unit':
            galera.wait_for_turn(things, until)


def _quiesce(request, token, stage, mode, until, watchdog):
    # Recording and asking to quiesce happen under one lock: whoever resumes
    # either sees the undo or has already taken the token away.
    with journal.edit(request.job, request.epoch) as opened:
        if opened.data.get(
                'quiesce_token') != token or clock.boottime() >= until:
            raise errors.NodeError(
                'The node was resumed, or time ran out, before all was '
                'quiesced.',
                'Raise [quiesce] deadman_timeout, or look why stopping is '
                'slow.')
        asked = [(service, service.plan_undos(things, mode))
                 for service, things in stage]
        _record_stage(opened, asked)
        for service, undos in asked:
            service.quiesce(undos, until, watchdog)
    for service, undos in asked:
        service.wait(undos, until, watchdog)


def _record_stage(opened, asked):
    known = opened.data['undos']
    number = 1 + max([undo.get('stage', 0) for undo in known] or [0])
    there = [(undo['kind'], registry.thing(undo)) for undo in known
             if 'stage' in undo]
    opened.stage_quiescing(
        [dict(undo, stage=number) for _, undos in asked for undo in undos
         if (undo['kind'], registry.thing(undo)) not in there],
        [registry.name(undo) for service, undos in asked for undo in undos
         if service.client_visible])


def _result(began):
    data = journal.load()
    return {'stopped': [name for name in data['quiesced']
                        if name in data.get('outages', {})],
            'seconds': round(clock.boottime() - began, 3),
            'services': outage_clock.services(data)}
