# SPDX-License-Identifier: Apache-2.0
"""What is stored is read back, and what that says of each backup is
written."""
from baas.conductor.steps import base
from baas.db import jobs
from baas.db.verification import memory
from baas.db.verification import verdicts
from baas import errors

_HINT = ('Do not restore from it. Look at disk, memory and network of the '
         'storage, take a new backup, which heals what it can, and verify '
         'again.')
_DAY = 24 * 3600


class NotVerified(errors.BaasError):
    """What is stored of a node was to be read, and nobody did."""
    faultcode = 'baas.verification.not_read'
    title = 'Not verified'
    message = 'What is stored of {nodes} was not read.'
    hint = ('See that the inventory has {nodes}, if only by name, and verify '
            'it again.')


class Step(base.Step):
    """A share of each node, what was not read for the longest time first."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {'baas_storage_jobs': {node: self._job(node)
                                      for node in self.nodes}}

    def changed(self):
        """See :class:`base.Step`."""
        for node in self.nodes:
            self.handler.log(node).take_down()

    def finished(self, progress):
        """See :class:`base.Step`.

        :raises NotVerified: a node has neither failed nor ended.
        """
        self.changed()
        found = {node: results['scrub']
                 for node, results in progress.results.items()
                 if 'scrub' in results}
        for node, result in sorted(found.items()):
            self._judge(node, result, progress)
        if found:
            job = self.handler.job
            jobs.set_columns(job.id, job.epoch, result={
                node: {name: value for name, value in result.items()
                       if name not in ('node', 'backups')}
                for node, result in found.items()})
        silent = [node for node in self.nodes
                  if node not in {*found, *progress.failures}]
        if silent and progress.status == 'successful':
            raise NotVerified(nodes=', '.join(sorted(silent)))

    def _job(self, node):
        handler = self.handler
        job, period = handler.job, handler.conf.verification.period or 30
        ages = handler.workdir.write(f'ages-{node}.json', memory.ages(node))
        whole = job.options['share'] >= 1
        return handler.storage_job(
            'read', node, share=job.options['share'], ages=str(ages),
            backups={row.id: row.manifest_sha256
                     for row in handler.backups[node]},
            faulty=memory.faulty(node), log=str(handler.log_path(node)),
            since=verdicts.unfinished_since(job, period * _DAY)
            if whole and job.backup_id else None,
            longest=None if whole else period * _DAY,
            lists=[job.backup_id] if job.backup_id else [])

    def _judge(self, node, result, progress):
        job, damaged = self.handler.job, []
        for id, one in sorted(result['backups'].items()):
            damages = [{'node': node, **damage} for damage in one['damages']]
            verdict = verdicts.judge(id, damages, one['age_seconds'],
                                     job=job.id, epoch=job.epoch)
            if verdict == 'damage':
                damaged.append((id, damages))
                progress.notes.append((
                    'error', node, f'Backup {id} is damaged. '
                                   f'{verdicts.sentence(damages)}'))
            elif verdict == 'heal':
                progress.notes.append((
                    'info', node, f'Backup {id} is whole again.'))
        for name in result.get('unneeded', ()):
            progress.notes.append((
                'warning', node, f'{name} is damaged, and no backup needs '
                                 'it.'))
        if damaged:
            id, damages = damaged[0]
            more = (f' So are {len(damaged) - 1} more of the node.'
                    if len(damaged) > 1 else '')
            progress.failures[node] = {
                'cause': f'Backup {id} of node {node} is damaged. '
                         f'{verdicts.sentence(damages)}{more}',
                'hint': _HINT, 'task': None}
