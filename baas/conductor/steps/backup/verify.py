# SPDX-License-Identifier: Apache-2.0
"""What was stored is read back; then its manifest is signed."""
from baas.conductor.backup import coverage
from baas.conductor.backup import rescue_images
from baas.conductor.backup import service_files
from baas.conductor import limits
from baas.conductor.steps import base
from baas.conductor.verification import healing
from baas.conductor.verification import read_log
from baas.db.verification import memory
from baas.jobs import outage


class Step(base.Step):
    """A backup becomes available here and nowhere else."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        files = service_files.paths(self.handler.conf)
        return {'baas_storage_jobs': {node: self._job(node, files)
                                      for node in self.nodes}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        for node in self.handler.backups:
            read_log.ReadLog(node, self._log(node)).take_down()
            found = self.handler.found(node)
            if 'verify' in found and node not in progress.failures:
                progress.notes += [('warning', node, sentence) for sentence
                                   in found['verify'].get('lacks', ())]
                self.handler.complete(node, {**found['capture'],
                                             **found['verify']})

    def _log(self, node):
        return self.handler.workdir.path / f'read-{node}.log'

    def _job(self, node, files):
        handler = self.handler
        row, found = handler.backups[node], handler.found(node)
        return handler.storage_job(
            'verify', node, backup=row.id, before=handler.before(node),
            damaged=node in healing.damaged(handler),
            log=str(self._log(node)), ages=str(handler.workdir.write(
                f'ages-{node}.json', memory.ages(node))),
            capture=rescue_images.with_disks(found),
            service=files,
            manifest={
                'rescue': found.get('rescue', {}).get('rescue', {}),
                'dump': found.get('prepare', {}).get('dump') or {},
                'coverage': coverage.of_manifest(handler.job, node),
                'set_nodes': sorted(handler.backups),
                'missing_nodes': handler.missing,
                'labels': row.labels or {},
                'expires': _time(row.expires_at) or '',
                'set': row.set_id, 'name': row.name, 'target': row.target,
                'created': _time(row.created_at),
                'stopall': row.stopall, 'versions': {},
                'quiesced': found.get('quiesce', {}).get('stopped', []),
                'quiesce_mode': limits.mode(handler.job,
                                            handler.conf) or 'none',
                **outage.NONE, **outage.of_node(found, row.stopall)})


def _time(at):
    return at and at.isoformat() + 'Z'
