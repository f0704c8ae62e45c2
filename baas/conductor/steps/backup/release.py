# SPDX-License-Identifier: Apache-2.0
"""Pending undos are run, and nodes and storage left without remains."""
from baas.conductor.steps import base
from baas.db import backups
from baas.db import steps
from baas.jobs import states
from baas.jobs import variables


class Step(base.Step):
    """What was begun on a node is undone there, failed or not."""

    @property
    def nodes(self):
        """See :class:`base.Step`: on nodes that the set is taken without
        nothing was begun."""
        return sorted(set(self.handler.backups) - set(self.handler.missing))

    @property
    def releases(self):
        """See :class:`base.Step`."""
        return self.nodes

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler, lost = self.handler, self._lost()
        return {
            'baas_barrier_job': str(handler.barrier_job),
            'baas_options': {node: {'release': handler.release_options(node)}
                             for node in self.nodes},
            'baas_incomplete': variables.hosts(lost),
            'baas_storage_jobs': {node: handler.storage_job(
                'release', node, incomplete=True, backup=list(found)[0],
                payload=list(found.values())[0], others=found)
                for node, found in lost.items()}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        for node, row in self.handler.backups.items():
            removed = self.handler.found(node).get('remove', {})
            if 'whole' in removed and removed['backup'] == row.id:
                # Whoever signed it died before it was written down.
                self.handler.complete(node, removed['whole'])

    def _lost(self):
        """Give the kinds by id of backups of which something may be stored
        although they never became whole, by node: those of this set, and
        earlier ones that the storage may have been away for."""
        job = self.handler.job
        # Where none can be used it stays until the next backup of the node.
        begun = self.handler.has_storage() and any(
            row.name in ('snapshot', 'capture') and row.started_at
            for row in steps.by_job(job.id))
        lost = {}
        for row in backups.by_set(job.id) if begun else ():
            if row.node in self.handler.missing:
                continue
            own = ({} if row.status == states.AVAILABLE
                   else {row.id: row.payload})
            found = {**own, **backups.failed_since_last(row.node, row.set_id)}
            if found:
                lost[row.node] = found
        return lost
