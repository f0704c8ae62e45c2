# SPDX-License-Identifier: Apache-2.0
"""What a restore will do and whether it can; nothing is changed."""
from baas.conductor.restore import healthy_members
from baas.conductor.restore import preview
from baas.conductor.steps import base
from baas.db import jobs
from baas import errors
from baas.jobs import choices
from baas.jobs import variables


class Step(base.Step):
    """Refuses what must not be restored over, and writes the plan down."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler = self.handler
        # What can be known before anybody is asked; it stays if the manifest
        # cannot be read.
        self._record({})
        others = handler.peers + handler.machines.lost
        look = {'check': {'shared': handler.conf.rejoin.shared_files}}
        return {
            'baas_peers': variables.hosts(handler.peers),
            'baas_overwritten': variables.hosts(handler.machines.lost),
            'baas_rescue_ready': variables.hosts(
                self.nodes if handler.boot.already_running else ()),
            'baas_rescue': handler.rescue(),
            **handler.boot_variables('plan', epoch),
            'baas_options': {
                **dict.fromkeys(others, look),
                **{node: self._options(node) for node in self.nodes}}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        failures, notes = self._healthy()
        progress.failures.update(failures)
        progress.notes += notes
        plan = self._record(progress.failures)
        progress.notes += [('info', None, said) for said in plan['summary']]

    def _options(self, node):
        return {'check': {}, 'check_disk': {
            'root': self.handler.boot.root,
            'needed': self.handler.manifest(node)['payload']['disk_bytes'],
            'payload': self.handler.payloads[node]}}

    def _healthy(self):
        """See :func:`healthy_members.refuse`."""
        handler = self.handler
        return healthy_members.refuse(
            {name: results['check'] for name, results
             in handler.results.items() if 'check' in results},
            {name: [handler.hostname(name)] if name in handler.backups else []
             for name in handler.machines.lost},
            already_rescued=handler.boot.already_running,
            forced=choices.HEALTHY_MEMBER in handler.job.options.get(
                'force', ()))

    def _record(self, failures):
        """Write down what is known of what the job will do; give it."""
        handler, unreadable = self.handler, {}
        restored = []
        for node in self.nodes:
            try:
                layout = handler.manifest(node)['layout']
            except errors.BaasError as error:
                layout = None
                unreadable[node] = {'cause': str(error), 'hint': error.hint}
            restored.append(preview.Restored(
                node, handler.machines.of(node), handler.backups[node],
                layout, handler.results.get(node, {})))
        checks = handler.cluster.checks
        plan = preview.look(
            handler.job, handler.restores, restored, handler.boot,
            method=handler.conf.boot.method, checks=checks,
            silent=set(handler.peers) - set(checks),
            failures={**unreadable, **failures})
        jobs.set_columns(handler.job.id, handler.job.epoch, plan=plan)
        return plan
