# SPDX-License-Identifier: Apache-2.0
"""One run of the playbook of a step: its progress is written while it runs,
and its end is judged."""
import dataclasses
import time

from oslo_config import cfg

from baas.conductor.failures import reasons
from baas.conductor import limits
from baas.db import jobs
from baas.db import session
from baas.db import steps
from baas.jobs import plans
from baas.runner import playbook


@dataclasses.dataclass
class Failure:
    """Why a job fails: what the user reads."""
    cause: str
    hint: str = None
    step: str = None
    node: str = None


class StepRun:
    """Runs the playbook of one step.

    :param kind: kind of the job.
    :param row: row of the step, which was started.
    :param handler: the :class:`baas.conductor.handler.Handler` of the job.
    :param lease: the :class:`baas.conductor.lease.Lease` on it.
    :param log: writes a line into the log of the job; called with message,
        level, step and node.
    """

    def __init__(self, kind, row, handler, lease, log, conf=cfg.CONF):
        self._kind = kind
        self._row = row
        self._step = plans.step(kind, row.name)
        self._handler = handler
        self._lease = lease
        self._log = log
        self._conf = conf
        self._written = (0.0, None)

    def play(self, stop, database):
        """Run the playbook to its end.

        :param stop: called about once a second; True ends the run.
        :param database: called when the run is over and its end is to be
            written; returns when the database answers.
        :returns: the :class:`baas.runner.progress.Progress`.
        """
        name, handler, lease = self._step.name, self._handler, self._lease
        handler.preparing = name
        if not self._step.undo:
            handler.require_key()
        folder = plans.folder(self._kind)
        told = handler.variables(name, lease.epoch)
        handler.preparing = None
        with lease.outlasting(handler.expected_db_outage(name)):
            progress = playbook.run(
                folder, name, told, conf=self._conf, stop=stop,
                work=handler.workdir.step(name, lease.epoch),
                minutes=self._minutes, on_change=self._changed)
            database()
        self._changed(progress)
        self._write(progress)
        return progress

    def learn(self, progress):
        """Let the kind of the job learn from the end of a run.

        :returns: list of :class:`Failure`, one for each node that failed.
        """
        name = self._step.name
        try:
            self._handler.step_finished(name, progress)
        finally:
            self.take_down(progress)
        failures = sorted(progress.failures.items())
        for node, failure in failures:
            self._handler.node_failed(node, failure['cause'])
        return [Failure(failure['cause'], failure['hint'], name, node)
                for node, failure in failures]

    def judge(self, progress):
        """Tell why a run that did not end well fails as a whole; None when
        all is said by what its nodes failed for (:class:`Failure`)."""
        name = self._step.name
        if progress.status == 'timeout':
            return Failure(
                f'Step {name} took longer than {self._minutes:g} minutes.',
                'Look at the job log for where it stayed; raise '
                f'[runner] time_limits {self._kind}/{name} if it was only '
                'slow.', name)
        if not progress.failures:
            return Failure(*(reasons.of(progress.trouble, self._conf) or (
                f'Ansible could not run the step: {progress.trouble}',
                f'Look at {self._handler.workdir.path}.')), name)
        return None

    def take_down(self, progress):
        """Write the notes of a run into the log of the job, each once."""
        # Each is taken before it is written: what goes wrong in between does
        # not have the others written twice.
        while progress.notes:
            level, node, message = progress.notes.pop(0)
            self._log(message, level, self._step.name, node)

    @property
    def _minutes(self):
        return limits.minutes(self._kind, self._step, self._conf)

    def _changed(self, progress):
        """Take down what is new, once a second or when the task changes."""
        self.take_down(progress)
        when, task = self._written
        if time.monotonic() - when > 1 or progress.task != task:
            self._written = (time.monotonic(), progress.task)
            self._write(progress)
            self._handler.step_changed(self._step.name)

    def _write(self, progress):
        if self._lease.lost.is_set():
            return
        try:
            steps.progress(self._row.id, task=progress.task,
                           percent=progress.percent, nodes=progress.nodes,
                           epoch=self._lease.epoch)
        except Exception as error:
            # The next progress says more; the log is kept in a file.
            if not session.is_away(error):
                raise


def await_database(job_id, lost, stopping):
    """Wait until the database answers, for as long as the lease lasts and
    nobody tells the service to stop: how the step went must not be lost.

    :param lost: set when the lease is lost.
    :param stopping: set when the service is to stop.
    """
    while not (lost.is_set() or stopping.is_set()):
        try:
            jobs.get(job_id)
            return
        except Exception as error:
            if not session.is_away(error):
                raise
            time.sleep(1)
