# SPDX-License-Identifier: Apache-2.0
"""The states of the journal of a node, and the only moves between them."""
from baas.node import errors

OPEN = 'open'
"""The job has begun; no service is quiesced and no snapshot is there."""
QUIESCED = 'quiesced'
"""Services are being quiesced, or are; snapshots are not there yet."""
SNAPSHOTTED = 'snapshotted'
"""The snapshots are there, and services are still quiesced."""
CONSISTENT = 'consistent'
"""The snapshots are there to be read, and nothing keeps services down."""
BROKEN_OFF = 'broken-off'
"""Somebody resumed the node before its snapshots were there."""
FIRED = 'fired'
"""The dead-man did: the job may not quiesce this node again."""
LOST = 'lost'
"""The snapshots were there, and were dropped: nothing is left to read."""
CLOSED = 'closed'
"""The job was released, and nothing is pending."""

MOVES = {
    # Each stage is written down before it is quiesced; again is harmless.
    (OPEN, 'quiesce'): QUIESCED,
    (QUIESCED, 'quiesce'): QUIESCED,
    # What was broken off has no consistency point: it may begin anew.
    (BROKEN_OFF, 'quiesce'): QUIESCED,
    # What is going to be made is written down, and then that it is made.
    (OPEN, 'plan'): OPEN,
    (QUIESCED, 'plan'): QUIESCED,
    (OPEN, 'snapshot'): CONSISTENT,
    (QUIESCED, 'snapshot'): SNAPSHOTTED,
    # To resume is never refused.
    (OPEN, 'resume'): OPEN,
    (QUIESCED, 'resume'): BROKEN_OFF,
    (SNAPSHOTTED, 'resume'): CONSISTENT,
    (CONSISTENT, 'resume'): CONSISTENT,
    (BROKEN_OFF, 'resume'): BROKEN_OFF,
    (FIRED, 'resume'): FIRED,
    (LOST, 'resume'): LOST,
    # The dead-man resumes.
    (OPEN, 'fire'): FIRED,
    (QUIESCED, 'fire'): FIRED,
    (SNAPSHOTTED, 'fire'): CONSISTENT,
    (CONSISTENT, 'fire'): CONSISTENT,
    (BROKEN_OFF, 'fire'): FIRED,
    (FIRED, 'fire'): FIRED,
    (LOST, 'fire'): LOST,
    # Those of an earlier try, or spoilt ones, or all when it is over.
    (OPEN, 'drop'): OPEN,
    (QUIESCED, 'drop'): QUIESCED,
    (SNAPSHOTTED, 'drop'): QUIESCED,
    (CONSISTENT, 'drop'): LOST,
    (BROKEN_OFF, 'drop'): BROKEN_OFF,
    (FIRED, 'drop'): FIRED,
    (LOST, 'drop'): LOST,
    # Only with no undo pending.
    (OPEN, 'close'): CLOSED,
    (CONSISTENT, 'close'): CLOSED,
    (BROKEN_OFF, 'close'): CLOSED,
    (FIRED, 'close'): CLOSED,
    (LOST, 'close'): CLOSED,
    (CLOSED, 'close'): CLOSED,
}

_ANOTHER = 'Release the job and take another backup.'
_THERE = ('The snapshots of this job are there already.',
          'Resume the node and capture them, or release the job.')
RESUMED = ('The node was resumed before its snapshots were taken.',
           'Release the job and take another backup; raise [quiesce] '
           'deadman_timeout if the node was only slow.')
"""Cause and hint of a node that is not quiesced any more."""
_REFUSALS = {
    BROKEN_OFF: RESUMED,
    FIRED: ('The dead-man has already resumed this node in this job.',
            _ANOTHER),
    SNAPSHOTTED: _THERE,
    CONSISTENT: _THERE,
    LOST: ('The snapshots of this job were dropped.', _ANOTHER),
    CLOSED: ('The job was released on this node.', _ANOTHER),
}


def after(data, event):
    """Tell the state that follows an event.

    :param data: the journal (dict).
    :raises errors.NodeError: the event is refused in the state it has.
    """
    state = data.get('state', OPEN)
    if (state, event) not in MOVES:
        cause, hint = _REFUSALS.get(state, (
            'This job is %s on this node, and cannot %s.' % (state, event),
            'Resume the node first.'))
        raise errors.NodeError(cause, hint)
    return MOVES[state, event]
