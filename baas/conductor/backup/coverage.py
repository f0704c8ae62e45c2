# SPDX-License-Identifier: Apache-2.0
"""What a set does not hold: put together, written down, and what is new of it
warned of. None of it fails a job."""
from oslo_log import log

from baas.conductor.backup import outside
from baas.db import backups
from baas.db.coverage import coverages
from baas.jobs.coverage import gaps
from baas.jobs.coverage import report
from baas.jobs import states

LOG = log.getLogger(__name__)


def options(handler):
    """Give what the verb ``check`` is told of it (dict)."""
    facts = handler.storage.node_facts()
    return {'storage': None if facts['host'] else facts['path']}


def record(handler, failures):
    """Write down what the set of a job does not hold, as far as its nodes
    have told.

    :param handler: :class:`baas.conductor.backup.backup.Backup`.
    :param failures: {node: {cause, ...}} of those that have just failed.
    :returns: list of (level, node, sentence) for the log of the job.
    """
    job = handler.job
    failed = {node: one['cause'] for node, one in failures.items()}
    found = report.build(*_gathered(handler, failed), coverages.earlier(job))
    known = coverages.get(job.id)
    if known == found or not coverages.write(job.id, job.epoch, found):
        return []
    said = set(report.warnings(known) if known else ())
    notes = [('warning', node, sentence)
             for node, sentence in report.warnings(found)
             if (node, sentence) not in said]
    for _, node, sentence in notes:
        LOG.warning('Job %s of the %s%s: %s', job.id, job.target,
                    f', {node}' if node else '', sentence)
    if not known:
        notes += [('info', None, line) for line in report.summary(found)
                  if not line.startswith('New')]
    return notes


def of_manifest(job, node):
    """Give what the manifest of a backup says of it: its own gaps and those
    of the whole set; {} where nothing is known."""
    found = coverages.get(job.id)
    if found is None:
        return {}
    return {'previous_set': found['previous_set_id'], 'gaps': [
        one for one in found['gaps']
        if one['node'] in (None, node) or one['kind'] == 'node']}


def _gathered(handler, failed):
    """Put together what nodes have told and what only the service knows.

    :returns: (gaps, looked), as of :func:`baas.jobs.coverage.report.build`.
    """
    lost = {row.node: row.error or 'it failed.'
            for row in backups.by_set(handler.job.id)
            if row.status == states.FAILED}
    lost.update(failed)
    found, looked = outside.look(handler)
    looked = {report.OF_SET: looked}
    for node in sorted({*handler.nodes, *lost}):
        mine, kinds = gaps.told(node, handler.found(node).get(
            'check', {}).get('coverage'))
        found += mine
        looked[node] = [*kinds, 'node']
        if node in lost:
            found.append(report.lost_node(node, lost[node]))
    return found, looked
