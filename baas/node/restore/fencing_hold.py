# SPDX-License-Identifier: Apache-2.0
"""Keep the cluster from turning a machine off that is being restored. It
runs on a living member, which owes it to the cluster to end that again."""
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.services import base
from baas.node.services import registry
from baas.node.system import clock


def spare(request):
    """Tell the fence devices of machines to hold still.

    Whoever releases the job ends it, or, when nobody does, the dead-man of
    this node.

    Options: hosts (names of the machines in the cluster), within (seconds
    after which the dead-man ends it).

    :returns: {'spared': ids of the devices}.
    :raises failure.NodeError: another job is open here, or the cluster does
        not take it.
    """
    items = ['fence:' + host for host in request.option('hosts')]
    stages = registry.stages([items], base.STOP)
    if not stages:
        return {'spared': []}
    journal.begin(request.job, request.epoch, 'restore')
    deadman.arm(request)
    until = clock.boottime() + float(request.option('within'))
    spared = []
    for service, things in [one for stage in stages for one in stage]:
        with journal.held(request.job, request.epoch) as held:
            undos = service.owed(things, base.STOP)
            for undo in undos:
                held.owe(dict(undo, stage=1))
            held.data.update(deadline=until, deadline_boot=clock.boot_id())
            held.save()
            service.rest(undos, until, None)
        spared += things
    return {'spared': spared}
