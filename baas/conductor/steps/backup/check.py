# SPDX-License-Identifier: Apache-2.0
"""What a backup would say before it begins; nothing is changed."""
from baas.conductor.backup import cluster_check
from baas.conductor.backup import coverage
from baas.conductor.backup import estimate
from baas.conductor.backup import own_dependencies
from baas.conductor import limits
from baas.conductor.backup import machine
from baas.conductor.steps import base
from baas.conductor.steps import owned
from baas.db import jobs
from baas.jobs import forecast


class Step(base.Step):
    """Refuses what cannot be backed up, and says what it will cost."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        # What cannot be understood is refused before any node is asked.
        limits.max_outage(self.handler.job, self.handler.conf)
        owned.look(self.handler)
        estimate.check_room(self.handler.storage, self.nodes)
        return {'baas_options': {node: {'check': self._options(node)}
                                 for node in self.nodes}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        try:
            for look in (self._look_at_cluster, self._recognize,
                         self._record_forecast):
                if not progress.failures:
                    look(progress)
        finally:
            progress.notes += coverage.record(self.handler, progress.failures)

    def _options(self, node):
        handler, conf = self.handler, self.handler.conf
        stopall = handler.job.options['stopall']
        return {
            **handler.room(), 'payload': handler.payloads[node],
            'stopall': stopall, 'units': handler.units if stopall else [],
            'mode': conf.quiesce.mode, 'share': handler.storage.share(),
            'coverage': coverage.options(handler),
            'needs': own_dependencies.addresses(conf) if stopall else {},
            # Nothing to look for: whoever allows it has been warned.
            'storage': {} if conf.storage.allow_on_target
            else handler.storage.node_facts()}

    def _look_at_cluster(self, progress):
        progress.failures.update(cluster_check.problems(
            self.handler.checks(), self.handler.own_units))

    def _recognize(self, progress):
        """See that the nodes are the machines that they should be."""
        handler, checks = self.handler, self.handler.checks()
        before = machine.before(handler.storage, handler.keys, checks)
        progress.failures.update(machine.problems(
            checks, before,
            handler.job.target in handler.conf.targets.own_machine))
        progress.notes += machine.warnings(checks, before)

    def _record_forecast(self, progress):
        """Write down what the backup will cost, if all nodes have answered.

        :raises baas.jobs.forecast.OutageTooLong: it is more than it may.
        """
        job, checks = self.handler.job, self.handler.checks()
        if len(checks) < len(self.nodes):
            return
        expected = estimate.look(job, checks, self.handler.conf)
        progress.notes += own_dependencies.warnings(checks)
        jobs.set_columns(job.id, job.epoch, forecast=expected)
        progress.notes += [('info', None, sentence)
                           for sentence in expected['summary']]
        forecast.check(expected)
