# SPDX-License-Identifier: Apache-2.0
"""A job that only checks: what a backup would say before it begins."""
from baas.conductor import backup
from baas.conductor import outlook
from baas.runner import inventory


class Check(backup.Backup):
    """The first step of a backup, and no backups."""

    def __init__(self, job, folder, conf):
        super().__init__(job, folder, conf)
        self.alive = sorted(
            node.name for node in inventory.nodes(job.target, conf))

    def variables(self, step, epoch):
        """See :class:`baas.conductor.kind.Kind`."""
        outlook.max_outage(self.job, self.conf)
        outlook.check_room(self.storage, self.alive)
        return {**self.common(epoch, self.alive),
                'baas_options': {node: {'check': self._look(node)}
                                 for node in self.alive}}

    @property
    def payloads(self):
        """See :class:`baas.conductor.kind.Kind`."""
        return dict.fromkeys(self.alive, self.conf.payload.kind)

    def lose(self, node, cause):
        """See :class:`baas.conductor.kind.Kind`."""
        if node in self.alive:
            self.alive.remove(node)
