# SPDX-License-Identifier: Apache-2.0
"""A job that brings all machines of a target back from one set, when no
member of their clusters is left."""
from baas.conductor.restore import galera_bootstrap
from baas.conductor.restore import restore
from baas.db import backups
from baas.jobs import variables


class RestoreSet(restore.Restore):
    """See :class:`restore.Restore`: the same for all nodes together, which
    then start their clusters anew in place of joining them."""
    restores = 'restore-set'

    def _sources(self):
        """See :class:`restore.Restore`."""
        return backups.by_set(self.job.options['set_id'])

    @property
    def peers(self):
        """Nobody: a set is restored when it has all nodes of the target."""
        return []

    def variables(self, step, epoch):
        """See :class:`handler.Handler`."""
        return {**super().variables(step, epoch),
                'baas_bootstrap_hosts': variables.hosts(self.nodes)}

    def step_finished(self, step, progress):
        """See :class:`handler.Handler`."""
        super().step_finished(step, progress)
        if step == 'boot' and not progress.failures:
            progress.failures.update(
                galera_bootstrap.problems(self._positions()))

    def _options(self, node):
        options = super()._options(node)
        options['recover']['new_cluster'] = True
        first = galera_bootstrap.first(self._positions())
        options['start_services'].update(
            ready=self._cluster(), first=first and node == first,
            undos=self._found(node, 'recover').get('undos', []),
            # The cluster may take as long, and then the services.
            wait=2 * self.conf.quiesce.health_timeout)
        return options

    def _cluster(self):
        """Tell what the clusters are when all of their members are back:
        those that were members when the backup began."""
        expected = {}
        for name, key in (('galera', 'galera_size'), ('pacemaker', 'online'),
                          ('rabbitmq', 'rabbitmq')):
            size = sum(bool(self._found(node, 'recover').get(
                'before', {}).get(name)) for node in self.nodes)
            if size:
                expected[key] = size
        return expected

    def _positions(self):
        return {node: self._found(node, 'galera_position').get('galera')
                for node in self.nodes}

    def _found(self, node, verb):
        return self.results.get(node, {}).get(verb, {})
