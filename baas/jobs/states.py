# SPDX-License-Identifier: Apache-2.0
"""The states of jobs, steps, backups and runs, and the only moves between
them."""

QUEUED = 'queued'
"""Accepted; no conductor has taken it yet and nothing has been touched."""
RUNNING = 'running'
"""A conductor works on it, undoing after a failure included."""
CANCELLING = 'cancelling'
"""Somebody asked to stop it; what was begun is being undone."""
DONE = 'done'
"""Everything it was asked for has happened and was checked."""
ERROR = 'error'
"""It failed; what it had begun is undone, and the cause is on the job."""
CANCELLED = 'cancelled'
"""Stopped on request; what it had begun is undone."""

JOB = {
    # A conductor claims it.
    (QUEUED, 'start'): RUNNING,
    # Nothing has been touched yet.
    (QUEUED, 'cancel'): CANCELLED,
    (RUNNING, 'finish'): DONE,
    (RUNNING, 'fail'): ERROR,
    # The step at work is being stopped, then undone.
    (RUNNING, 'cancel'): CANCELLING,
    (CANCELLING, 'finish'): CANCELLED,
    # Undoing failed, or the job had failed before it saw the cancel.
    (CANCELLING, 'fail'): ERROR,
    # Asking twice changes nothing.
    (CANCELLING, 'cancel'): CANCELLING,
    # Its conductor is gone and another takes it over, to undo and close it.
    (RUNNING, 'take_over'): RUNNING,
    (CANCELLING, 'take_over'): CANCELLING,
}
JOB_FINAL = frozenset({DONE, ERROR, CANCELLED})

WAITING = 'waiting'
"""Its turn has not come."""
SKIPPED = 'skipped'
"""An earlier step failed, so that this one was not begun."""

STEP = {
    (WAITING, 'start'): RUNNING,
    (WAITING, 'skip'): SKIPPED,
    (RUNNING, 'finish'): DONE,
    (RUNNING, 'fail'): ERROR,
    # It was ended by the cancel of its job.
    (RUNNING, 'cancel'): CANCELLED,
    # Undoing is begun again by whoever takes the job over.
    (RUNNING, 'start'): RUNNING,
    (ERROR, 'start'): RUNNING,
}
STEP_LEFT = {RUNNING: 'fail', WAITING: 'skip'}
"""What becomes of a step whose job ends without it, by its state."""

CREATING = 'creating'
"""Its job has not ended."""
AVAILABLE = 'available'
"""Stored, read back and signed: it restores."""
FAILED = 'error'
"""It never became whole, or was found damaged: it does not restore."""
TRASHED = 'trashed'
"""To be removed later; nothing is removed yet, and it can be had back."""
DELETING = 'deleting'
"""A job is removing what is stored of it."""

BACKUP = {
    (CREATING, 'finish'): AVAILABLE,
    (CREATING, 'fail'): FAILED,
    (AVAILABLE, 'delete'): DELETING,
    (FAILED, 'delete'): DELETING,
    (AVAILABLE, 'trash'): TRASHED,
    (FAILED, 'trash'): TRASHED,
    # It is again what it was before.
    (TRASHED, 'undelete'): AVAILABLE,
    (TRASHED, 'undelete_failed'): FAILED,
    (TRASHED, 'delete'): DELETING,
    # Verification found damage, or found more of it.
    (AVAILABLE, 'damage'): FAILED,
    (FAILED, 'damage'): FAILED,
    # All of what was damaged is well again. One that never became whole
    # cannot: its manifest was not signed.
    (FAILED, 'heal'): AVAILABLE,
    # Some of it may be gone: only another delete is left.
    (DELETING, 'fail'): FAILED,
    # The delete was cancelled or refused before it had begun.
    (DELETING, 'spare'): AVAILABLE,
    (DELETING, 'spare_failed'): FAILED,
    (DELETING, 'spare_trashed'): TRASHED,
}

SUBMITTED = 'submitted'
"""Its job is written; what becomes of it is the state of the job."""

RUN = {
    # The target was free within its window.
    (WAITING, 'submit'): SUBMITTED,
    # Its window is over, or what it is a run of has changed.
    (WAITING, 'skip'): SKIPPED,
}
"""Runs of schedules, and what follows them. Of one tick there is one run, and
it gets one job."""

SENT = 'sent'
"""The monitor has taken it."""

PING = {
    (WAITING, 'send'): SENT,
    # It is late for it, or nobody is to be told any more.
    (WAITING, 'skip'): SKIPPED,
}
"""What a monitor is told of a run."""


def sources(table, event):
    """Tell from which states an event is allowed.

    :param table: one of :data:`JOB`, :data:`STEP`, :data:`BACKUP`,
        :data:`RUN`, :data:`PING`.
    :param event: name of the event.
    :returns: mapping of each allowed state to the state that follows.
    """
    return {state: after for (state, name), after in table.items()
            if name == event}
