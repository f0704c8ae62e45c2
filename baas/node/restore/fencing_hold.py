# SPDX-License-Identifier: Apache-2.0
"""Keep the cluster from turning a machine off that is being restored. It
runs on a living member, which has to end that again."""
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.services import base
from baas.node.services import registry
from baas.node.system import clock


def suppress_fencing(request):
    """Suppress the fence devices of machines.

    Whoever releases the job ends it, or, when nobody does, the dead-man of
    this node.

    Options: hosts (names of the machines in the cluster), within (seconds
    after which the dead-man ends it).

    :returns: {'suppressed': ids of the devices}.
    :raises errors.NodeError: another job is open here, or the cluster does
        not take it.
    """
    items = ['fence:' + host for host in request.option('hosts')]
    stages = registry.stages([items], base.STOP)
    if not stages:
        return {'suppressed': []}
    journal.begin(request.job, request.epoch, 'restore')
    deadman.arm(request)
    until = clock.boottime() + float(request.option('deadman_timeout'))
    suppressed = []
    for service, things in [one for stage in stages for one in stage]:
        with journal.edit(request.job, request.epoch) as opened:
            undos = service.plan_undos(things, base.STOP)
            opened.suppressing(undos, until)
            service.quiesce(undos, until, None)
        suppressed += things
    return {'suppressed': suppressed}
