# SPDX-License-Identifier: Apache-2.0
"""What a backup would say before it begins; nothing is changed."""
from baas.conductor.backup import cluster_check
from baas.conductor.backup import coverage
from baas.conductor.backup import degraded
from baas.conductor.backup import estimate
from baas.conductor.backup import key_copy
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
        handler = self.handler
        lost = degraded.silent(progress, self.nodes)
        left_out = {}
        if lost and handler.job.options.get(degraded.ALLOW):
            progress.leave_out(lost)
            left_out = degraded.left_out(lost)
        elif lost and not self._cluster_problems(lost):
            degraded.offer(progress.failures, lost)
        try:
            for look in (self._look_at_cluster, self._recognize,
                         self._record_forecast):
                if not progress.failures:
                    look(progress, lost)
            if left_out and not progress.failures:
                handler.leave_out(left_out)
        finally:
            progress.notes += coverage.record(
                handler, {**progress.failures, **left_out})
        progress.notes += key_copy.warnings(handler.keys)

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

    def _checks(self, lost):
        return {node: check for node, check in self.handler.checks().items()
                if node not in lost}

    def _cluster_problems(self, lost):
        handler = self.handler
        return cluster_check.problems(
            self._checks(lost), handler.own_units, sorted(lost))

    def _look_at_cluster(self, progress, lost):
        progress.failures.update(self._cluster_problems(lost))

    def _recognize(self, progress, lost):
        """See that the nodes are the machines that they should be."""
        handler, checks = self.handler, self._checks(lost)
        before = machine.before(handler.storage, handler.keys, checks)
        progress.failures.update(machine.problems(
            checks, before,
            handler.job.target in handler.conf.targets.own_machine))
        progress.notes += machine.warnings(checks, before)

    def _record_forecast(self, progress, lost):
        """Write down what the backup will cost, if all nodes have answered
        that are not left out.

        :raises baas.jobs.forecast.OutageTooLong: it is more than it may.
        """
        job, checks = self.handler.job, self._checks(lost)
        if len(checks) + len(lost) < len(self.nodes):
            return
        expected = estimate.look(job, checks, self.handler.conf)
        progress.notes += own_dependencies.warnings(checks) + [
            ('info', None, sentence) for sentence in expected['summary']]
        if lost:
            expected['summary'].insert(0, degraded.sentence(lost))
            progress.notes.append(('warning', None, degraded.sentence(lost)))
        jobs.set_columns(job.id, job.epoch, forecast=expected)
        forecast.check(expected)
