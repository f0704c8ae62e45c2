# SPDX-License-Identifier: Apache-2.0
"""What a set, or one backup of it, does not hold, and what of that is new."""
from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas.db import backups
from baas.db.coverage import coverages
from baas import errors
from baas.jobs.coverage import gaps
from baas.jobs.coverage import report
from baas.jobs import states

KIND = types.choice(*gaps.KINDS)


class Gap(wsme_types.Base):
    """Something that is not in a backup."""
    node = resource.field(str, 'The node that it is of; null: it is of the '
                               'whole set.', null=True)
    kind = resource.field(KIND, 'What it is.')
    what = resource.field(str, 'Which one: with node and kind it is what the '
                               'gap is known by in all sets.')
    reason = resource.field(str, 'Why, as a word for programs.')
    text = resource.field(str, 'Why, one sentence.')
    harmless = resource.field(
        bool, 'Whether a restored node misses nothing for it.')
    fstype = resource.field(str, 'Kind of a file system.', null=True)
    used_bytes = resource.field(int, 'What is on a file system.', null=True)


class Coverage(wsme_types.Base):
    """What is not in a set, or not in one backup of it."""
    previous_set_id = resource.field(
        types.uuid, 'The set before, of the same target; null: there is none '
                    'that tells.', null=True)
    gaps = resource.field([Gap], 'All that is not in it.')
    new = resource.field([Gap], 'Those of them that are new.')
    closed = resource.field(
        [Gap], 'What was not in the set before, and is no gap any more.')
    summary = resource.field([str], 'The same in words.')


class NoCoverage(errors.NotFound):
    """Nobody has noted what a set does not hold: 404."""
    faultcode = 'baas.coverage.not_known'
    title = 'Coverage not known'
    message = 'It is not known what set {id} does not hold.'
    hint = ('Sets that were taken before that was noted do not tell, nor do '
            'jobs whose check has not ended: take another one.')


@expose.expose(Coverage, types.uuid, route='GET /v1/backup/{id}/coverage',
               rule='baas:backup:show', fails=(404,), since='1.1')
def show(id):
    """Show what a set does not hold, and what of that is new; by the id of
    one of its backups, or of its job, which may have checked only."""
    found = of_job(id)
    if found is None:
        set_id = backups.get(id).set_id
        found = of_job(set_id)
        if found is None:
            raise NoCoverage(id=set_id)
    return found


def of_job(job_id):
    """Give what the set of a job does not hold, ready for JSON; None when
    that is not known."""
    found = coverages.get(job_id)
    if found is None:
        return None
    lost = {row.node: row.error or 'it failed.'
            for row in backups.by_set(job_id) if row.status == states.FAILED}
    return _shown(report.with_lost(found, lost))


def of_backup(row):
    """Give what one backup does not hold, ready for JSON; None when that is
    not known."""
    found = coverages.get(row.set_id)
    return found and _shown(report.of_node(found, row.node))


def _shown(found):
    return {**{name: found[name] for name in (
        'previous_set_id', 'gaps', 'new', 'closed')},
        'summary': report.summary(found)}
