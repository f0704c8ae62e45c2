# SPDX-License-Identifier: Apache-2.0
"""A job that takes a set: one backup of each node of a target."""
from oslo_log import log

from baas.conductor.backup import suspicions
from baas.conductor import handler
from baas.conductor.verification import healing
from baas.db import backups
from baas.db import boot_undos
from baas.db import session
from baas.jobs import measured

LOG = log.getLogger(__name__)
_STORED = ('snapshot', 'manifest_sha256', *measured.PAYLOAD)


class Backup(handler.Handler):
    """See :class:`handler.Handler`; its steps are in
    :mod:`baas.conductor.steps.backup`.

    :ivar backups: mapping of each node to the row of its backup.
    :ivar missing: names of the nodes that the set is taken without (sorted):
        nothing is begun on them.
    :ivar alive: names of the others that have not failed (sorted).
    """

    def __init__(self, job, workdir, conf):
        super().__init__(job, workdir, conf)
        self.backups = {row.node: row for row in backups.by_set(job.id)}
        self.missing = sorted(backups.missing_nodes(self.backups.values()))
        self.alive = sorted(set(self.backups) - set(self.missing))

    @property
    def nodes(self):
        """See :class:`handler.Handler`."""
        return self.alive

    def node_failed(self, node, cause):
        """See :class:`handler.Handler`."""
        if node in self.alive:
            self.alive.remove(node)
            if not backups.move(self.backups[node].id, 'fail', error=cause,
                                epoch=self.job.epoch):
                LOG.info('Backup %s stays what it is: %s',
                         self.backups[node].id, cause)

    def leave_out(self, nodes):
        """Go on without nodes; their backups are in error, and those of the
        others name them.

        :param nodes: {node: {cause}}, as
            :func:`baas.conductor.backup.degraded.left_out` gives it.
        :raises baas.db.boot_undos.LeaseLost: somebody else has the job.
        """
        if not backups.leave_out(self.job.id, {
                node: one['cause'] for node, one in nodes.items()},
                epoch=self.job.epoch):
            raise boot_undos.LeaseLost(job=self.job.id)
        self.missing = sorted(nodes)
        self.alive = [node for node in self.alive if node not in nodes]

    def all_failed(self):
        """See :class:`handler.Handler`."""
        self.alive = []

    @property
    def payloads(self):
        """See :class:`handler.Handler`."""
        return {node: row.payload for node, row in self.backups.items()
                if node not in self.missing}

    def remaining_nodes(self):
        """See :class:`handler.Handler`."""
        return self.alive

    @property
    def barrier_job(self):
        """Path of the job file of :mod:`baas.barrier`."""
        return self.workdir.path / 'barrier.json'

    def before(self, node):
        """Give the path of the file that says what the storage had of a node
        before this backup (str)."""
        return str(self.workdir.path / f'before-{node}.json')

    def found(self, node):
        """Give what a node has said so far: {verb: result}."""
        return self.results.get(node, {})

    def checks(self):
        """Give the results of ``check``, by node, of those that have not
        failed."""
        return {node: self.found(node)['check'] for node in self.alive
                if 'check' in self.found(node)}

    def room(self):
        """Give the options that say what is captured, and how much room its
        snapshots need (dict)."""
        return {'excludes': self.conf.payload.excludes,
                **self.conf.snapshot}

    def capture_options(self, node):
        """Give the options of what reads a payload (dict)."""
        return {**self.place(node), **self.room(), 'host': node,
                'backup': self.backups[node].id,
                'parent': backups.parent(node), 'pace': self._pace()}

    def _pace(self):
        """Give what :mod:`baas.node.payloads.pace` keeps to (dict)."""
        options = self.conf.payload
        return {'bytes': options.bandwidth << 20, 'gentle': options.gentle,
                'processors': options.processors,
                'files': options.files_at_once}

    def release_options(self, node):
        """Give the options of the verb ``release`` (dict)."""
        if not self.has_storage():
            return {'payload': self.payloads[node]}
        return {**self.place(node), 'store': self.storage.store()}

    def close(self):
        """See :class:`handler.Handler`."""
        healing.look_again(self)

    def complete(self, node, stored):
        """Write down that the backup of a node is whole.

        :param stored: its columns, by name.
        :raises baas.db.boot_undos.LeaseLost: somebody else has the job.
        """
        if not backups.move(
                self.backups[node].id, 'finish', epoch=self.job.epoch,
                verified_at=_verified_at(stored.get('age_seconds', 0)),
                added_bytes=stored.get('added_bytes'),
                suspicions=suspicions.of(self.backups[node], stored),
                **{name: stored.get(name) for name in _STORED}):
            raise boot_undos.LeaseLost(job=self.job.id)


def _verified_at(age):
    """Give the time since which all of a backup was read."""
    return None if age is None else session.utcnow(-age)
