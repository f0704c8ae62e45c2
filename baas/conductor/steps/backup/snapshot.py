# SPDX-License-Identifier: Apache-2.0
"""All nodes quiesce, take their snapshots and resume together."""
from baas.conductor import limits
from baas.conductor.steps import base
from baas.db import backups
from baas.jobs import outage


class Step(base.Step):
    """Tells the barrier what to do, and writes down the outage."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler = self.handler
        self._write_barrier_job(epoch)
        wait = {'wait': handler.conf.quiesce.health_timeout}
        return {'baas_stopall': handler.job.options['stopall'],
                'baas_barrier_job': str(handler.barrier_job),
                'baas_options': {node: {'wait_healthy': wait}
                                 for node in self.nodes}}

    def finished(self, progress):
        """See :class:`base.Step`: the outage, however it ended."""
        handler = self.handler
        stopall = handler.job.options['stopall']
        of_clients = outage.of_clients(handler.results)
        for node, row in handler.backups.items():
            backups.measure(
                row.id, epoch=handler.job.epoch,
                quiesce_mode=limits.mode(handler.job, handler.conf),
                client_outage_seconds=of_clients,
                **outage.of_node(handler.found(node), stopall))

    def expected_db_outage(self):
        """See :class:`base.Step`: the database may be quiesced as well."""
        conf = self.handler.conf
        if not any('database' in check.get('carries', ())
                   for check in self.handler.checks().values()):
            return 0
        return limits.deadman_timeout(conf) + conf.quiesce.health_timeout

    def _write_barrier_job(self, epoch):
        """Write the job file of :mod:`baas.barrier`."""
        handler, conf = self.handler, self.handler.conf
        most = limits.max_outage(handler.job, conf)
        timeout = limits.deadman_timeout(conf)
        quiesce = {'units': handler.units, 'mode': conf.quiesce.mode,
                   'deadman_timeout': timeout}
        handler.workdir.write(handler.barrier_job.name, {
            'job': handler.job.id, 'epoch': epoch, 'max_outage': most,
            'deadman_timeout': timeout, 'probes': conf.quiesce.probes,
            'nodes': {node: {
                'quiesce': quiesce if handler.job.options['stopall']
                else None,
                # Done in the barrier where a file system has no snapshots;
                # the step finds it done only if it asks for the very same.
                'snapshot': {'capture': handler.capture_options(node)},
                'resume': {}, 'max_outage': most,
                'heartbeat_timeout': conf.quiesce.heartbeat_timeout}
                for node in self.nodes}})
