# SPDX-License-Identifier: Apache-2.0
"""Bring services to rest, in order, with every undo on disk beforehand."""
import os
import time

from baas.node import clock
from baas.node import deadman
from baas.node import failure
from baas.node import galera
from baas.node import record
from baas.node import units


def rest(request):
    """Stop what the option ``units`` (ordered list of globs) means.

    The option ``within`` (seconds) sets when the node resumes by itself.

    :returns: {'stopped': [units in order], 'seconds': float}.
    :raises failure.NodeError: a unit did not stop, time ran out, or
        somebody has resumed the node meanwhile.
    """
    began = clock.boottime()
    within = float(request.option('within'))
    deadman.require()
    stages = plan(request.option('units'), units.running())
    token = '%d.%.6f' % (os.getpid(), began)
    with record.held(request.job, request.epoch) as held:
        _begin(held, token, stages, within)
    for stage in stages:
        galera.wait_for_turn(stage, began + within / 2)
        _stop(request, token, stage, began + within)
    stopped = [name for stage in stages for name in stage]
    return {'stopped': stopped,
            'seconds': round(clock.boottime() - began, 3)}


def plan(globs, active):
    """Arrange which units stop together.

    :param globs: ordered list; one entry is a glob or a list of globs.
    :param active: names of the units that run.
    :returns: list of stages, each a list of units.
    """
    stages, taken = [], set()
    for entry in globs:
        wanted = [entry] if isinstance(entry, str) else list(entry)
        names = [name for name in units.chosen(active, wanted)
                 if name not in taken]
        if names:
            stage = [name for name in units.with_pulled(names, active)
                     if name not in taken]
            taken.update(stage)
            stages.append(stage)
    return stages


def _begin(held, token, stages, within):
    data = held.data
    if data['fired']:
        raise failure.NodeError(
            'The dead-man has already resumed this node in this job.',
            'Release the job and take another backup.')
    if not data['owed']:
        # An earlier rest of this job is over: this outage is counted anew.
        data['first_stop'] = data['outage'] = None
    data['rest_token'] = token
    data['deadline'] = clock.boottime() + within
    data['deadline_boot'] = clock.boot_id()
    before = data['before'].setdefault('units', [])
    before.extend(name for stage in stages for name in stage
                  if name not in before)
    if 'galera' not in data['before']:
        data['before']['galera'] = galera.state()
    held.save()


def _stop(request, token, stage, until):
    # Recording and asking systemd happen under one lock: whoever resumes
    # either sees the undo or has already taken the token away.
    with record.held(request.job, request.epoch) as held:
        data = held.data
        if data.get('rest_token') != token or clock.boottime() >= until:
            raise failure.NodeError(
                'The node was resumed, or time ran out, before all rested.',
                'Allow more seconds at rest, or look why stopping is slow.')
        was = units.states(stage)
        stage = [name for name in stage if was[name] in units.RUNNING]
        _record_stage(held, stage, was)
        units.act('stop', stage)
    wrong = units.wait(stage, lambda state: state in ('inactive', 'failed'),
                       until, clock.boottime)
    if wrong:
        raise failure.NodeError(
            'Not stopped in time: %s.' % _listed(wrong),
            'Look at the journal of these units, or allow more seconds.')


def _record_stage(held, stage, was):
    data = held.data
    if stage and not data.get('first_stop'):
        data['first_stop'] = clock.boottime()
        data['first_stop_time'] = time.time()
        data['first_stop_boot'] = clock.boot_id()
    number = 1 + max([undo['stage'] for undo in data['owed']
                      if undo['kind'] == 'unit'] or [0])
    owed = [undo['unit'] for undo in data['owed'] if undo['kind'] == 'unit']
    for name in stage:
        if name not in owed:
            held.owe({'kind': 'unit', 'unit': name, 'stage': number,
                      'was': was[name]})
        if name not in data['rested']:
            data['rested'].append(name)
    held.save()


def _listed(wrong):
    return ', '.join('%s (%s)' % item for item in sorted(wrong.items()))
