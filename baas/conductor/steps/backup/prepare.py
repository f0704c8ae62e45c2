# SPDX-License-Identifier: Apache-2.0
"""Every node gets its credentials, a journal, and a rescue image."""
from baas.conductor.backup import rescue_images
from baas.conductor.steps import base
from baas.conductor.steps import owned
from baas.conductor.verification import healing
from baas.jobs import variables
from baas.storage import readback


class Step(base.Step):
    """Notes what the storage has before anything is written to it."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler = self.handler
        owned.claim(handler)  # the first step that writes
        damaged = healing.begin(handler)
        for node in self.nodes:
            handler.stage_credentials(node)
            if handler.payloads[node] == 'restic':
                readback.remember(handler.storage, node, handler.before(node))
        dumper = self._dumper()
        return {'baas_damaged': variables.hosts(damaged),
                'baas_storage_jobs': damaged,
                'baas_leftovers': self._leftovers(),
                'baas_options': {node: self._options(node, dumper)
                                 for node in self.nodes}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        progress.notes += rescue_images.warnings(self.handler.results)

    def _dumper(self):
        """Name the one node that dumps the database: that with the fewest
        clients, and of several the last.

        One idle member is enough, and it may lag meanwhile: the one to which
        a proxy sends all sessions is not it.
        """
        clients = {node: check['database_clients'] for node, check
                   in self.handler.checks().items()
                   if check.get('database_clients') is not None}
        nodes = sorted(set(clients) & set(self.nodes) or self.nodes,
                       reverse=True)
        return min(nodes, key=lambda node: clients.get(node, 0))

    def _options(self, node, dumper):
        handler = self.handler
        place = handler.place(node)
        return {
            'release': handler.release_options(node),
            'prepare': {**place, 'dump': node == dumper},
            'rescue': rescue_images.options(handler.conf, handler.storage,
                                            node),
            'precopy': handler.capture_options(node)}

    def _leftovers(self):
        """Name the dead job whose record a node still has, by node."""
        found = {}
        for node, check in self.handler.checks().items():
            record = check.get('leftover')
            if record and record['job'] != self.handler.job.id:
                found[node] = {'job': record['job'],
                               'epoch': record['epoch']}
        return found
