# SPDX-License-Identifier: Apache-2.0
"""Bring services to rest, in order, with every undo on disk beforehand."""
import os

from baas.node.cluster import galera
from baas.node.cluster import membership
from baas.node import errors
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.quiesce import outage_clock
from baas.node.services import base
from baas.node.services import freeze_guard as freeze_guards
from baas.node.services import registry
from baas.node.system import clock

_SHARE = 0.9
"""Of the time to rest: the conductor gives up when all of it is over, and
this node, which can name what does not rest, has the first word."""


def rest(request):
    """Bring what the option ``units`` (ordered list of items) means to rest.

    The option ``within`` (seconds) sets when the node resumes by itself;
    ``way`` is ``stop`` (the default) or ``freeze``.

    :returns: {'stopped': [names in order], 'seconds': float,
        'services': {name: seconds it has been out}}.
    :raises errors.NodeError: a thing did not rest, time ran out, or
        somebody has resumed the node meanwhile.
    """
    began = clock.boottime()
    within = float(request.option('within'))
    way = request.options.get('way') or base.STOP
    deadman.require()
    with journal.held(request.job, request.epoch) as held:
        before, resting = held.data['before'], held.data['owed']
    if not resting:
        _refuse_gone(before)
    stages = _stages(request.option('units'), way)
    token = '%d.%.6f' % (os.getpid(), began)
    with journal.held(request.job, request.epoch) as held:
        _begin(held, token, stages, began + within)
    guard = None
    if way == base.FREEZE:
        guard = freeze_guards.Guard(request.job, request.epoch, began + within)
        _note(request, guard.facts())
    for stage in stages:
        _wait_for_turn(stage, way, began + within / 2)
        _rest(request, token, stage, way, began + within * _SHARE, guard)
    if guard is not None:
        _note(request, dict(guard.facts(), **guard.lock))
        guard.leave()
    return _result(began)


def _stages(entries, way):
    stages = registry.stages(entries, way)
    for problem in registry.problems(stages, way):
        raise errors.NodeError(problem['cause'], problem['hint'])
    return stages


def _begin(held, token, stages, until):
    data = held.data
    if data['fired']:
        raise errors.NodeError(
            'The dead-man has already resumed this node in this job.',
            'Release the job and take another backup.')
    if not data['owed']:
        # An earlier rest of this job is over: this outage is counted anew.
        outage_clock.forget(data)
    data.update(rest_token=token, deadline=until, settled=False)
    data['deadline_boot'] = clock.boot_id()
    before = data['before'].setdefault('units', [])
    before.extend(thing for stage in stages for service, things in stage
                  for thing in things
                  if service.kind == 'unit' and thing not in before)
    if 'galera' not in data['before']:
        data['before'].update(galera=galera.state(),
                              services=registry.before())
    held.save()


def _refuse_gone(before):
    """Refuse when a cluster that this node was in does not answer any more:
    whatever it is doing, it is not the time to rest.

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


def _note(request, facts):
    with journal.held(request.job, request.epoch) as held:
        held.data['guard'] = facts
        held.save()


def _wait_for_turn(stage, way, until):
    for service, things in stage if way == base.STOP else ():
        if service.kind == 'unit':
            galera.wait_for_turn(things, until)


def _rest(request, token, stage, way, until, guard):
    # Recording and asking for rest happen under one lock: whoever resumes
    # either sees the undo or has already taken the token away.
    with journal.held(request.job, request.epoch) as held:
        if held.data.get('rest_token') != token or clock.boottime() >= until:
            raise errors.NodeError(
                'The node was resumed, or time ran out, before all rested.',
                'Allow more seconds at rest, or look why resting is slow.')
        asked = [(service, service.owed(things, way))
                 for service, things in stage]
        _record_stage(held, asked)
        for service, undos in asked:
            service.rest(undos, until, guard)
    for service, undos in asked:
        service.wait(undos, until, guard)


def _record_stage(held, asked):
    data = held.data
    number = 1 + max([undo.get('stage', 0) for undo in data['owed']] or [0])
    owed = [(undo['kind'], registry.thing(undo)) for undo in data['owed']
            if 'stage' in undo]
    for service, undos in asked:
        titles = [registry.name(undo) for undo in undos]
        for undo in undos:
            if (undo['kind'], registry.thing(undo)) not in owed:
                held.owe(dict(undo, stage=number))
        if service.counts:
            outage_clock.begin(data, titles)
            data['rested'] += [title for title in titles
                               if title not in data['rested']]
    held.save()


def _result(began):
    data = journal.load()
    return {'stopped': [name for name in data['rested']
                        if name in data.get('out', {})],
            'seconds': round(clock.boottime() - began, 3),
            'services': outage_clock.services(data)}
