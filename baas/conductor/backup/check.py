# SPDX-License-Identifier: Apache-2.0
"""A job that only checks: what a backup would say before it begins."""
from baas.conductor.backup import backup
from baas.runner import inventory


class Check(backup.Backup):
    """The first step of a backup, and no backups."""

    def __init__(self, job, workdir, conf):
        super().__init__(job, workdir, conf)
        self.alive = sorted(
            node.name for node in inventory.nodes(job.target, conf))

    @property
    def payloads(self):
        """See :class:`baas.conductor.handler.Handler`."""
        return dict.fromkeys(self.alive, self.conf.payload.kind)

    def node_failed(self, node, cause):
        """See :class:`baas.conductor.handler.Handler`."""
        if node in self.alive:
            self.alive.remove(node)

    def leave_out(self, nodes):
        """See :class:`baas.conductor.backup.backup.Backup`."""
        self.missing = sorted(nodes)
        self.alive = [node for node in self.alive if node not in nodes]
