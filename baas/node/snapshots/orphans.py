# SPDX-License-Identifier: Apache-2.0
"""Snapshots that nobody will read, or that do harm, when nobody else looks.

A capture looks after its own; the dead-man does when there is none, or when
it is stuck."""
from baas.node import journal
from baas.node import snapshots
from baas.node.snapshots import snapshot
from baas.node.system import clock


def drop():
    """Drop the snapshots of the open job, if that is due.

    :returns: why (str), or None when nothing was due.
    :raises baas.node.errors.NodeError: they cannot be dropped now.
    """
    # The journal is replaced in one move: reading needs no lock.
    data = journal.load()
    reason = _reason(data) if journal.is_open(data) else None
    if reason:
        snapshot.drop(data['job'], data['epoch'])
    return reason


def _reason(data):
    if not data['snapshots']:
        return None
    if data['boot_id'] != clock.boot_id():
        # What would read them has ended with the boot, and its secrets.
        return 'The node has rebooted since its snapshots.'
    for driver, planned in snapshots.planned(data):
        for problem in driver.strain(planned, data.get('room', {})):
            return problem['cause']
    return None
