# SPDX-License-Identifier: Apache-2.0
"""/v1/job/{id}/log: what a job did, line by line."""
import pecan
from wsme import types as wsme_types

from baas.api import resource
from baas.api import types
from baas.db import events


class Event(wsme_types.Base):
    """A line of the log."""
    id = resource.field(int, 'Number of the line, rising.')
    created_at = resource.field(types.timestamp, 'When it was written.')
    level = resource.field(types.choice('info', 'warning', 'error'),
                           'How much it matters.')
    step = resource.field(str, 'The step that wrote it.', null=True)
    node = resource.field(str, 'The node that it is about.', null=True)
    message = resource.field(str, 'What happened, one sentence.')


class Log(wsme_types.Base):
    """A part of the log of a job."""
    events = resource.field([Event], 'The lines.')
    links = resource.field([resource.Link],
                           'Where the next lines are, if there are some.')


def page(job_id, limit, marker):
    """Give lines of a log in the form that the caller accepts.

    :returns: dict, ready for JSON; or text.
    """
    rows = events.page(job_id, limit=limit + 1, marker=marker)
    if pecan.request.pecan['content_type'] == 'text/plain':
        return ''.join(_line(row) for row in rows[:limit])
    return {'events': [_event(row) for row in rows[:limit]],
            'links': ([resource.next_link(rows[limit - 1].id)]
                      if len(rows) > limit else [])}


def _event(row):
    return {'id': row.id, 'created_at': resource.iso(row.created_at),
            'level': row.level, 'step': row.step, 'node': row.node,
            'message': row.message}


def _line(row):
    where = ' '.join(filter(None, (row.step, row.node)))
    return (f'{resource.iso(row.created_at)} {row.level:7} '
            f'{where and where + ": "}{row.message}\n')
