# SPDX-License-Identifier: Apache-2.0
"""Runs a leased job and records any exception on it."""
import contextlib
import functools

from oslo_config import cfg
from oslo_log import log

from baas.conductor import executor
from baas.conductor.failures import reasons
from baas.conductor import lease as leases
from baas.conductor.steps import unreleased
from baas.db import backups
from baas.db import boot_undos
from baas.db import events
from baas.db import jobs
from baas.db import steps
from baas import errors
from baas.jobs import states

LOG = log.getLogger(__name__)


def run(job_id, stopping, conf=cfg.CONF):
    """Claim a queued job and carry it out; a job that another conductor has
    taken is left alone.

    :param stopping: set when the conductor is told to stop.
    """
    job = jobs.claim(job_id, conf.conductor.host, conf.conductor.lease)
    if job is None:
        return
    LOG.info('Job %s: %s of the %s begins', job.id, job.kind, job.target)
    with leases.Lease(job, conf.conductor.lease).kept() as lease:
        attend(job, lease, stopping, conf, executor.Executor.carry_out)


def attend(job, lease, stopping, conf, act):
    """Do something with a claimed job, so that nothing it raises is lost.

    :param act: called with the :class:`baas.conductor.executor.Executor`.
    """
    try:
        left = executor.Executor(job, lease, stopping, conf)
        with contextlib.ExitStack() as after:
            after.callback(left.handler.let_go)
            act(left)
    except boot_undos.LeaseLost:
        lease.give_up()
    except errors.BaasError as error:
        _close_broken(job, lease, str(error), error.hint)
    except Exception as error:
        # The job stays claimed by nobody; the sweep takes it over later.
        reasons.let_go(job, error, functools.partial(_close_broken, job,
                                                     lease), conf)


def _close_broken(job, lease, cause, hint):
    """Close a job of which not even the plan could be made ready. If another
    conductor had begun it, nobody undoes that but the nodes themselves."""
    if lease.lost.is_set():
        return
    if not backups.close_backups(job, cause, lease.epoch):
        return lease.give_up()
    rows = steps.by_job(job.id)
    if unreleased.begun(rows):
        nodes = [row.node for row in backups.by_set(job.id)
                 if row.node not in (row.missing_nodes or ())] or [
            job.node or f'nodes of the {job.target}']
        hint = f'{hint} {unreleased.advice(nodes, job.id, lease.epoch)}'
    for row in rows:
        if row.state in states.STEP_LEFT and not steps.move(
                row.id, states.STEP_LEFT[row.state], epoch=lease.epoch):
            return lease.give_up()  # pragma: no cover - taken over just now
    events.add(job.id, cause, level='error', epoch=lease.epoch)
    if jobs.move(job.id, 'fail', epoch=lease.epoch, error_cause=cause,
                 error_hint=hint) is None:
        lease.give_up()  # pragma: no cover - taken over just now
