# SPDX-License-Identifier: Apache-2.0
"""What is said of nodes that a job could not release: which they are, and
what is to be done there by hand."""
from baas.conductor import step_run
from baas.jobs import plans
from baas.jobs import states

_PROGRAM = '/var/lib/baas-node/baas-node'


def advice(nodes, job_id, epoch):
    """Say what to do on nodes that may still be quiesced (str).

    :param epoch: number of the lease under which they were to be released.
    """
    return (f'{", ".join(nodes)} may still be quiesced: run "{_PROGRAM} '
            f'release --job {job_id} --epoch {epoch}" there as root.')


def hint(failure, nodes, job, epoch):
    """Give the hint of a job that has failed.

    :param failure: why (:class:`step_run.Failure`).
    :param nodes: names of the nodes that it could not release.
    :param job: row of the job.
    """
    said = advice(nodes, job.id, epoch) if nodes else failure.hint
    if not nodes or failure.hint in (None, said) or not (
            failure.step and plans.step(job.kind, failure.step).undo):
        return said
    # It says how that one can be released.
    return f'{failure.hint} {said}'


def failure(nodes, row, epoch):
    """Tell that the inventory lacks nodes that were to be released
    (:class:`step_run.Failure`).

    :param row: row of the step.
    """
    return step_run.Failure(
        f'The inventory does not have {", ".join(nodes)} any more, which the '
        'job was to release.', advice(nodes, row.job_id, epoch), row.name,
        nodes[0])


def begun(rows):
    """Tell whether a job has begun with what is to be undone.

    :param rows: rows of its steps.
    """
    # The first step of every plan changes nothing.
    return any(row.position > 0
               and row.state not in (states.WAITING, states.SKIPPED)
               for row in rows)
