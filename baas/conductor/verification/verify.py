# SPDX-License-Identifier: Apache-2.0
"""A job that reads back what is stored of one node, or of all of a target."""
from baas.conductor import handler
from baas.conductor.verification import read_log
from baas.db.verification import verdicts
from baas import errors
from baas.runner import inventory


class Verify(handler.Handler):
    """See :class:`handler.Handler`; its steps are in
    :mod:`baas.conductor.steps.verify`.

    :ivar backups: rows of the backups that are looked at, by node.
    :ivar absent: names of nodes that the inventory does not have any more,
        which nobody has asked for by name (sorted).
    """

    def __init__(self, job, workdir, conf):
        super().__init__(job, workdir, conf)
        names, self.absent = [job.node], []
        if not job.node:
            names = verdicts.nodes_of(job.target)
            known = {node.name for node in inventory.nodes(conf=conf)}
            self.absent = sorted(set(names) - known)
            names = sorted(set(names) & known)
        self.backups = {name: [] for name in names}
        for row in verdicts.to_verify(names):
            self.backups[row.node].append(row)
        self.alive = sorted(self.backups)
        self._logs = {}

    def demand(self):
        """See :class:`handler.Handler`.

        :raises TargetBusy: what it would read is being removed.
        """
        super().demand()
        for other in verdicts.active(self.job.target, verdicts.REMOVES):
            raise errors.TargetBusy(job=other.id, target=self.job.target)
        return self.storage

    @property
    def nodes(self):
        """See :class:`handler.Handler`."""
        return self.alive

    def node_failed(self, node, cause):
        """See :class:`handler.Handler`."""
        if node in self.alive:
            self.alive.remove(node)

    def all_failed(self):
        """See :class:`handler.Handler`."""
        self.alive = []

    def remaining_nodes(self):
        """See :class:`handler.Handler`."""
        return self.alive

    def log(self, node):
        """Give the :class:`read_log.ReadLog` of a node."""
        if node not in self._logs:
            self._logs[node] = read_log.ReadLog(node, self.log_path(node))
        return self._logs[node]

    def log_path(self, node):
        """Give its file (:class:`pathlib.Path`)."""
        return self.workdir.path / f'read-{node}.log'
