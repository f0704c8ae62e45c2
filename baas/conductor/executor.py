# SPDX-License-Identifier: Apache-2.0
"""The plan of one job: the order of its steps, what undoes them, a cancel,
and its end."""
import time

from oslo_config import cfg
from oslo_log import log

from baas.conductor.failures import reasons
from baas.conductor import handlers
from baas.conductor import log_spool
from baas.conductor import step_run
from baas.conductor.steps import unreleased
from baas.conductor import workdir
from baas.db import backups
from baas.db import boot_undos
from baas.db import jobs
from baas.db import session
from baas.db import steps
from baas import errors
from baas.jobs import plans
from baas.jobs import states

LOG = log.getLogger(__name__)


class Executor:
    """Carries a claimed job through its plan.

    :param job: row of the job, claimed by this conductor.
    :param lease: the :class:`baas.conductor.lease.Lease` on it.
    :param stopping: set when the conductor is told to stop
        (:class:`threading.Event`).
    """

    def __init__(self, job, lease, stopping, conf=cfg.CONF):
        self.job = job
        self.lease = lease
        self.stopping = stopping
        self.conf = conf
        self.workdir = workdir.Workdir(job.id, conf)
        self.handler = handlers.load(job, self.workdir, conf)
        self._spool = log_spool.Spool(job.id, self.workdir.path / 'log')
        self.failure = None
        self._unreleased = []
        self.cancelled = False
        self._looked = (0.0, False)

    def carry_out(self):
        """Do every step, then the steps that undo, then close the job.

        :raises ConfigurationError: it cannot begin; nothing was done.
        """
        self.handler.demand()
        begun = self._forward()
        self.undo(begun)
        self.close()

    def undo(self, begun=True):
        """Run the steps that undo, if any step that changes things began.

        What another conductor has undone before it died is not done again.

        :param begun: False when nothing was changed.
        """
        for row in self._rows(undo=True):
            if self.lease.lost.is_set():
                break
            if row.state in (states.DONE, states.SKIPPED):
                continue
            if begun:
                self._step(row, stop=self.lease.lost.is_set)
            else:
                self.advance(row, 'skip')

    def close(self):
        """Write how the job ended, and wipe its secrets."""
        self.workdir.wipe()
        if self.lease.lost.is_set():
            return
        reason = ('The job was cancelled.' if self.failure is None
                  else self.failure.cause)
        if (self.failure or self.cancelled) and not backups.close_backups(
                self.job, reason, self.lease.epoch,
                untouched=self.handler.preparing == 'delete'):
            return self.lease.give_up()
        if self.failure:
            hint = unreleased.hint(self.failure, self._unreleased, self.job,
                                   self.lease.epoch)
            self._log(f'The job failed: {self.failure.cause}', 'error',
                      self.failure.step, self.failure.node)
            self._end('fail', error_node=self.failure.node,
                      error_step=self.failure.step,
                      error_cause=self.failure.cause,
                      error_hint=hint)
        else:
            self.handler.close()
            self._log('The job was cancelled; what it had begun is undone.'
                      if self.cancelled else 'The job is done.')
            self._end('finish')

    def fail(self, cause, hint=None, step=None, node=None):
        """Remember why the job fails; the first reason stays."""
        self._remember(step_run.Failure(cause, hint, step, node))

    def _remember(self, failure):
        if self.failure is None:
            self.failure = failure

    def _forward(self):
        begun = False
        for position, row in enumerate(self._rows(undo=False)):
            if self.lease.lost.is_set():
                break
            if self._halted():
                self.advance(row, 'skip')
                continue
            # The first step of every plan changes nothing.
            begun = begun or position > 0
            self._step(row, stop=self._must_stop)
        return begun

    def _halted(self):
        """Tell whether no further step may begin."""
        if self.stopping.is_set():
            self.fail('The service was stopped while the job was at work.',
                      'Start the job again.')
        if self._is_cancelling():
            self.cancelled = True
        return self.stopping.is_set() or self.cancelled or (
            self.failure is not None and not self.handler.remaining_nodes())

    def _step(self, row, stop):
        if not self.advance(row, 'start'):
            return
        self._log(f'Step {row.name} begins.', step=row.name)
        run = step_run.StepRun(self.job.kind, row, self.handler, self.lease,
                               self._log, self.conf)
        try:
            progress = run.play(stop, self._await_database)
            event = self._judge(run, progress, row.name)
            event = self._miss(row, progress) or event
        except boot_undos.LeaseLost:
            self.lease.give_up()
        except errors.BaasError as error:
            event = self._break(str(error), error.hint, row.name)
        except Exception as error:
            LOG.exception('Step %s of job %s', row.name, self.job.id)
            if session.is_away(error):
                self._await_database()
            event = self._break(*(reasons.of(error, self.conf)
                                  or reasons.UNKNOWN), row.name)
        if not self.lease.lost.is_set():
            self.advance(row, event)

    def _judge(self, run, progress, name):
        """Decide what the end of a run means; give the event of the step."""
        if self.lease.lost.is_set():
            return 'fail'
        for failure in run.learn(progress):
            self._remember(failure)
        if progress.status == 'successful' and not progress.failures:
            return 'finish'
        if progress.status == 'canceled' and self._halted():
            return 'cancel' if self.cancelled else 'fail'
        self._remember(run.judge(progress))
        if not plans.step(self.job.kind, name).each:
            self.handler.all_failed()
        return 'fail'

    def _miss(self, row, progress):
        """Take down which nodes a step was to release and has not; give the
        event when that is a failure that nobody has told, or None: to Ansible
        it is none that the inventory does not have a node any more."""
        left = self.handler.unreleased(row.name, progress)
        self._unreleased += left
        if not left or progress.status != 'successful':
            return None
        lacking = unreleased.failure(left, row, self.lease.epoch)
        self._remember(lacking)
        self._log(lacking.cause, 'error', row.name)
        return 'fail'

    def _break(self, cause, hint, step):
        """Fail for a reason that concerns all nodes; give the event."""
        self._unreleased += self.handler.unreleased(step)
        self.fail(cause, hint, step)
        self._log(cause, 'error', step)
        self.handler.all_failed()
        return 'fail'

    def _await_database(self):
        step_run.await_database(self.job.id, self.lease.lost, self.stopping)

    def _must_stop(self):
        if self.lease.lost.is_set() or self.stopping.is_set():
            return True
        return self._is_cancelling()

    def _is_cancelling(self):
        """Ask the database, at most once a second, for a cancel."""
        looked, answer = self._looked
        if not answer and time.monotonic() - looked > 1:
            try:
                answer = jobs.get(self.job.id).state == states.CANCELLING
            except Exception as error:
                # While the database is away nobody can cancel.
                LOG.warning('Job %s cannot be looked up: %s', self.job.id,
                            error)
            self._looked = (time.monotonic(), answer)
        return answer

    def _rows(self, undo):
        return [row for row in steps.by_job(self.job.id)
                if plans.step(self.job.kind, row.name).undo == undo]

    def advance(self, row, event):
        """Change the state of a step of the job by an event.

        :returns: True; False when it was refused, and with it the lease is
            given up: somebody else works on the job.
        """
        if steps.move(row.id, event, epoch=self.lease.epoch):
            return True
        self.lease.give_up()
        return False

    def _log(self, message, level='info', step=None, node=None):
        if not self.lease.lost.is_set():
            self._spool.add(message, level=level, step=step, node=node,
                            epoch=self.lease.epoch)

    def _end(self, event, **values):
        if jobs.move(self.job.id, event, epoch=self.lease.epoch,
                     **values) is None:
            self.lease.give_up()
