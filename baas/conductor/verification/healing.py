# SPDX-License-Identifier: Apache-2.0
"""What a backup does about damage that is known of its nodes: damaged parts
are taken out of use before, so that it stores them again."""
from oslo_log import log

from baas.conductor.verification import preemption
from baas.db.verification import memory
from baas.db.verification import verdicts
from baas import errors
from baas.requests import verifications

LOG = log.getLogger(__name__)
_LITTLE = 0.0001
"""Share of a verification that is only to see what was damaged."""


def damaged(handler):
    """Name the nodes of a backup of which another one is damaged that is in
    the same repository (sorted)."""
    return verdicts.damaged_nodes([
        node for node, kind in handler.payloads.items() if kind == 'restic'])


def begin(handler):
    """Write what is to be repaired before a backup.

    :param handler: :class:`baas.conductor.backup.backup.Backup`.
    :returns: {node: path of the job file of the program ``heal``}.
    """
    nodes = damaged(handler)
    if nodes:
        preemption.end_verifications(handler.job)
    return {node: handler.storage_job('heal', node,
                                      faulty=memory.faulty(node))
            for node in nodes}


def look_again(handler):
    """Ask for a look at what was damaged, after a backup has stored what
    was lost; without it the next daily share has one."""
    for row in verdicts.to_verify(damaged(handler)):
        if row.damages:
            try:
                verifications.verify(row.id, _LITTLE)
            except errors.BaasError as error:
                LOG.info('Backup %s is looked at later: %s', row.id, error)
            return
