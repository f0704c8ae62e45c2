# SPDX-License-Identifier: Apache-2.0
"""Quiesce services, in order, with every undo on disk beforehand."""
import functools
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

_ARRANGE = 300
"""Seconds in which a node has to be ready; no client notices any of them."""
_SLOW = 'Look what makes podman and systemctl slow on this node.'
_HINT = 'Raise [quiesce] deadman_timeout, or look why stopping is slow.'
_SHARE = 0.9
"""Of the time to quiesce: the conductor gives up when all of it is over, and
this node, which can name what is not quiesced, has the first word."""


class Arrangement:
    """What is ready to be quiesced; see :func:`arrange`.

    :ivar mode: ``stop`` or ``freeze``.
    :ivar token: what the journal has as long as nobody has resumed.
    :ivar began: boot time at which that began, or the quiesce did.
    :ivar within: seconds from then until the node resumes by itself.
    :ivar begun: whether it has come to the quiesce.
    :ivar stages: what is quiesced together, in order: lists of (service,
        things); of a freeze (service, undos), which are in the journal.
    :ivar watchdog: the
        :class:`baas.node.services.freeze_guard.FreezeWatchdog` of a freeze,
        or None.
    """

    def __init__(self, mode):
        self.mode, self.began = mode, clock.boottime()
        self.within, self.begun = _ARRANGE, False
        self.token = '%d.%.6f' % (os.getpid(), self.began)
        self.stages, self.watchdog = [], None

    def begin(self, within):
        """Quiesce from now on, within so many seconds."""
        self.began, self.within = clock.boottime(), within
        self.begun = True
        if self.watchdog is not None:
            self.watchdog.watch(self.deadline)

    @property
    def deadline(self):
        """Boot time at which the node resumes by itself."""
        return self.began + self.within

    @property
    def until(self):
        """Boot time at which all must be quiesced."""
        return self.began + self.within * _SHARE


def arrange(request):
    """Do what lasts and no client notices, before anything is quiesced.

    What runs is looked at. For a freeze the watchdog is started, Pacemaker is
    put into maintenance, and all undos are in the journal, so that to freeze
    takes hardly more than the freezing.

    Options: see :func:`quiesce`.

    :returns: :class:`Arrangement`, for :func:`quiesce` in this process.
    :raises errors.NodeError: see :func:`quiesce`.
    """
    arranged = Arrangement(request.options.get('mode') or base.STOP)
    deadman.require()
    with journal.edit(request.job, request.epoch) as opened:
        before, resting = opened.data['before'], opened.data['undos']
    if not resting:
        _refuse_gone(before)
    arranged.stages = _stages(request.option('units'), arranged.mode)
    with journal.edit(request.job, request.epoch) as opened:
        _begin(opened, arranged)
    if arranged.mode == base.FREEZE:
        _arrange_freeze(request, arranged)
    return arranged


def _arrange_freeze(request, arranged):
    arranged.watchdog = watchdog = watchdogs.FreezeWatchdog(
        request.job, request.epoch, arranged.deadline)
    _save_watchdog(request, watchdog)
    for service, things in [each for stage in arranged.stages
                            for each in stage]:
        service.make_ready(things, arranged.until, watchdog)
    _save_watchdog(request, watchdog)
    later = []
    for stage in arranged.stages:
        if any(service.freeze_stage for service, _ in stage):
            later.append(stage)
        else:
            _quiesce(request, arranged, functools.partial(
                _stage_now, arranged, stage))
    arranged.stages = [_planned(stage, arranged.mode) for stage in later]
    with journal.edit(request.job, request.epoch) as opened:
        _demand_token(opened, arranged)
        _record_stages(opened, arranged.stages, titled=())


def quiesce(request, arranged=None):
    """Quiesce what the option ``units`` (ordered list of items) means.

    The option ``deadman_timeout`` (seconds) sets when the node resumes by
    itself; ``mode`` is ``stop`` (the default) or ``freeze``.

    :param arranged: what :func:`arrange` has given in this process, if it was
        called before.
    :returns: {'stopped': [names in order], 'seconds': float,
        'services': {name: seconds it has been out}}.
    :raises errors.NodeError: a thing was not quiesced, time ran out, or
        somebody has resumed the node meanwhile.
    """
    within = float(request.option('deadman_timeout'))
    alone = arranged is None
    arranged = arranged or arrange(request)
    arranged.begin(within)
    if arranged.mode == base.FREEZE:
        _freeze(request, arranged)
    else:
        for stage in arranged.stages:
            _wait_for_turn(stage, arranged.began + arranged.within / 2)
            _quiesce(request, arranged, functools.partial(
                _stage_now, arranged, stage))
    if alone and arranged.watchdog is not None:
        arranged.watchdog.leave()
    return _result(arranged.began)


def _freeze(request, arranged):
    known = dict(arranged.watchdog.lock)
    for number in range(len(arranged.stages)):
        _quiesce(request, arranged, functools.partial(
            _stage_arranged, arranged, number))
    if arranged.watchdog.lock != known:
        _save_watchdog(request, arranged.watchdog)


def _stage_now(arranged, stage, opened):
    return _record_stages(opened, [_planned(stage, arranged.mode)],
                          deadline=arranged.deadline)[0]


def _stage_arranged(arranged, number, opened):
    # To write waits for a disk, so that all is written before the first.
    if number == 0:
        arranged.stages = [_looked_again(asked, arranged.mode)
                           for asked in arranged.stages]
        _record_stages(opened, arranged.stages, deadline=arranged.deadline)
    return arranged.stages[number]


def _looked_again(asked, mode):
    """Plan again what has begun anew meanwhile, and so is somewhere else."""
    gone = any(path for _, undos in asked for path in base.groups(undos)
               if not os.path.isdir(path))
    return asked if not gone else _planned(
        [(service, [registry.thing(undo) for undo in undos])
         for service, undos in asked], mode)


def _stages(entries, mode):
    stages = registry.stages(entries, mode)
    for problem in registry.problems(stages, mode):
        raise errors.NodeError(problem['cause'], problem['hint'])
    return stages


def _begin(opened, arranged):
    clusters = {}
    if 'galera' not in opened.data['before']:
        clusters = {'galera': galera.state(), 'services': registry.before()}
    opened.quiescing(arranged.token, arranged.deadline, [
        thing for stage in arranged.stages for service, things in stage
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


def _save_watchdog(request, watchdog):
    with journal.edit(request.job, request.epoch) as opened:
        opened.watched(dict(watchdog.facts(), **watchdog.lock))


def _wait_for_turn(stage, until):
    for service, things in stage:
        if service.kind == 'unit':
            galera.wait_for_turn(things, until)


def _planned(stage, mode):
    return [(service, service.plan_undos(things, mode))
            for service, things in stage]


def _demand_token(opened, arranged):
    if opened.data.get('quiesce_token') != arranged.token \
            or clock.boottime() >= arranged.until:
        raise errors.NodeError(
            'The node was resumed, or time ran out, before all was quiesced.',
            _HINT if arranged.begun else _SLOW)


def _quiesce(request, arranged, plan):
    """Quiesce a stage.

    :param plan: called with the open journal; gives the stage as (service,
        undos), which it has written down.
    """
    # Recording and asking to quiesce happen under one lock: whoever resumes
    # either sees the undo or has already taken the token away.
    with journal.edit(request.job, request.epoch) as opened:
        _demand_token(opened, arranged)
        asked = plan(opened)
        for service, undos in asked:
            service.quiesce(undos, arranged.until, arranged.watchdog)
    for service, undos in asked:
        service.wait(undos, arranged.until, arranged.watchdog)


def _record_stages(opened, stages, titled=None, deadline=None):
    """Write down what is going to be quiesced; give the stages.

    :param deadline: boot time of the dead-man, if it is another one now.
    :param titled: those of the stages that are quiesced now, in place of all:
        from now on clients notice.
    """
    undos = [undo for asked in stages for _, some in asked for undo in some]
    # What has begun anew since is to be undone where it is now.
    opened.clear_undos(*[
        one for one in opened.data['undos'] for undo in undos
        if _is_same(one, undo) and one.get('groups') != undo.get('groups')])
    known = [undo for undo in opened.data['undos'] if 'stage' in undo]
    number = max([undo['stage'] for undo in known] or [0])
    fresh = []
    for number, asked in enumerate(stages, number + 1):
        fresh += [dict(undo, stage=number) for _, some in asked
                  for undo in some
                  if not any(_is_same(one, undo) for one in known)]
    opened.stage_quiescing(fresh, [
        registry.name(undo) for asked in (stages if titled is None else titled)
        for service, undos in asked for undo in undos
        if service.client_visible], deadline)
    return stages


def _is_same(one, other):
    """Tell whether two undos are of the same thing, in a stage."""
    return 'stage' in one and (one['kind'], registry.thing(one)) == (
        other['kind'], registry.thing(other))


def _result(began):
    data = journal.load()
    return {'stopped': [name for name in data['quiesced']
                        if name in data.get('outages', {})],
            'seconds': round(clock.boottime() - began, 3),
            'services': outage_clock.services(data)}
