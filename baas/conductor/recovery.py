# SPDX-License-Identifier: Apache-2.0
"""A job whose conductor is gone is undone and closed by another."""
from oslo_config import cfg
from oslo_log import log

from baas.conductor.failures import reasons
from baas.conductor import lease as leases
from baas.conductor.steps import unreleased
from baas.conductor import supervisor
from baas.db import jobs
from baas.db import steps
from baas.jobs import plans
from baas.jobs import states

LOG = log.getLogger(__name__)


def take_over(job, conf=cfg.CONF):
    """Undo and close a job that nobody works on any more.

    :param job: row of the job as it was seen without a living lease; when
        it has been taken meanwhile nothing happens.
    """
    taken = jobs.take_over(job.id, job.epoch, conf.conductor.host,
                           conf.conductor.lease)
    if taken is None:
        return
    LOG.warning('Job %s is taken over from conductor %s, undone and closed',
                job.id, job.owner)
    with leases.Lease(taken, conf.conductor.lease).kept() as lease:
        supervisor.attend(taken, lease, lease.lost, conf, _undo_and_close)


def _undo_and_close(left):
    rows = steps.by_job(left.job.id)
    at_work = [row.name for row in rows if row.state == states.RUNNING]
    left.fail(*reasons.of_left(left.job.id), *at_work[:1])
    for row in rows:
        event = states.STEP_LEFT.get(row.state)
        if event is None or plans.step(left.job.kind, row.name).undo:
            continue
        if not left.advance(row, event):
            return
    left.undo(unreleased.begun(rows))
    left.close()
