# SPDX-License-Identifier: Apache-2.0
"""The chosen files are compared on the node."""
import datetime

from baas.conductor.steps import base
from baas.db import jobs

_EPOCH = datetime.datetime(1970, 1, 1)
_HINT = ('Look at the files that the log names. If they are as they should '
         'be, the backup is not: verify it, and take a new one. If something '
         'sets their times back, raise [verification] tolerance.')
_FIGURES = ('compared', 'same', 'changed', 'missing', 'changed_since',
            'missing_since', 'files_now', 'read_bytes')


class Step(base.Step):
    """What was touched after the backup does not count."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler = self.handler
        moment = (handler.backup.created_at - _EPOCH).total_seconds()
        return {'baas_options': {handler.job.node: {'spot_check': {
            'sample': f'/run/baas-node/{handler.job.id}/sample.jsonl',
            'moment': moment - handler.conf.verification.clock_skew,
            'excludes': handler.conf.payload.excludes}}}}

    def finished(self, progress):
        """See :class:`base.Step`."""
        job, node = self.handler.job, self.handler.job.node
        found = progress.results.get(node, {}).get('spot_check')
        if found is None:
            return
        files = self.handler.results[node].get('sample', {}).get('files')
        result = {name: found.get(name) for name in _FIGURES}
        jobs.set_columns(job.id, job.epoch, result={node: {
            **result, 'files': files, 'examples': found['examples']}})
        progress.notes += [('warning', node, line)
                           for line in found['examples']]
        wrong = self._wrong(found, files)
        if wrong:
            progress.failures[node] = {
                'cause': f'Node {node} is not what backup {job.backup_id} '
                         f'has: {wrong}.', 'hint': _HINT, 'task': None}

    def _wrong(self, found, files):
        """Say what is beyond the tolerance (str), or None."""
        limits = self.handler.conf.verification
        bad = found['changed'] + found['missing']
        if bad * 100 > limits.tolerance * found['compared']:
            first = '; '.join(line.rstrip('.')
                              for line in found['examples'][:3])
            return (f'{bad} of {found["compared"]} files differ, though '
                    f'nobody has touched them since ({first})')
        apart = abs(found['files_now'] - files) if files else 0
        if apart * 100 > limits.count_tolerance * (files or 1):
            return (f'it has {found["files_now"]} files now, and the backup '
                    f'has {files}')
        if not found['compared']:
            return 'the backup has no file that could be compared'
        return None
