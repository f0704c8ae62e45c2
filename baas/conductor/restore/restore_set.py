# SPDX-License-Identifier: Apache-2.0
"""A job that brings all machines of a target back from one set, when no
member of their clusters is left."""
from baas.conductor.restore import restore
from baas.db import backups


class RestoreSet(restore.Restore):
    """See :class:`restore.Restore`: the same for all nodes together, which
    then start their clusters anew in place of joining them. The steps that
    differ are in :mod:`baas.conductor.steps.restore_set`."""
    restores = 'restore-set'

    def _sources(self):
        """See :class:`restore.Restore`."""
        return backups.by_set(self.job.options['set_id'])

    @property
    def peers(self):
        """Nobody: a set is restored when it has all nodes of the target."""
        return []

    def members(self):
        """See :class:`restore.Restore`: nobody."""
        return []

    def expected_cluster(self):
        """See :class:`restore.Restore`: all of those that were members when
        the backup began."""
        expected = {}
        for name, key in (('galera', 'galera_size'), ('pacemaker', 'online'),
                          ('rabbitmq', 'rabbitmq')):
            size = sum(bool(self.found(node, 'recover').get(
                'before', {}).get(name)) for node in self.nodes)
            if size:
                expected[key] = size
        return expected

    def expected_databases(self, node):
        """See :class:`restore.Restore`: those that were when the backup
        began."""
        return sorted(self.found(node, 'recover').get(
            'before', {}).get('ovn') or ())

    def positions(self):
        """Give where the database of each node is, as
        :func:`baas.conductor.restore.galera_bootstrap.first` takes it."""
        return {node: self.found(node, 'galera_position').get('galera')
                for node in self.nodes}
