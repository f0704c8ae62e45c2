# SPDX-License-Identifier: Apache-2.0
"""Forecast of a backup, from earlier sets and its checks."""

from baas.conductor import limits
from baas.db import backups
from baas.db.retention import trash
from baas.db import jobs
from baas import errors
from baas.jobs import forecast
from baas.jobs import states
from baas.storage import base as storage

_ROOM = 64 << 20  # bytes: less than this is as good as full


def look(job, found, conf):
    """Work out what a backup would cost.

    :param job: row of the job that has checked the nodes.
    :param found: mapping of node to the result of its verb ``check``.
    :returns: as :func:`baas.jobs.forecast.build`.
    """
    options = forecast.Options(
        stopall=job.options['stopall'],
        max_outage=limits.max_outage(job, conf),
        deadman_timeout=limits.deadman_timeout(conf),
        health_timeout=conf.quiesce.health_timeout)
    return forecast.build(
        options, _previous(job, sorted(found), conf),
        [result.get('forecast') or {} for result in found.values()])


def check_room(place, nodes):
    """Look at the storage before any node is touched.

    :param place: :class:`baas.storage.base.Storage`.
    :param nodes: names of the nodes to be backed up.
    :raises baas.storage.base.StorageError: it does not work, or has less room
        than the last backups took.
    """
    place.check()
    free, needed = place.free(), _ROOM
    for node in nodes:
        last = backups.page(filters={
            'node': node, 'status': states.AVAILABLE}, limit=1)
        needed += last[0].stored_bytes or 0 if last else 0
    if free is not None and free < needed:
        held = trash.stored_bytes()
        raise storage.StorageError(
            storage=place.location,
            reason=f'{free >> 20} MiB are free, and {needed >> 20} MiB are '
                   'needed, going by the last backups' + (
                       f'; {held >> 20} MiB of what is taken are in the '
                       'trash' if held else ''),
            remedy='Delete backups that are no longer needed, at once and '
                   'not into the trash, or give the storage more room')


def _previous(job, nodes, conf):
    rows = backups.last_set(job.target, nodes,
                            quiesce_mode=limits.mode(job, conf),
                            stopall=job.options['stopall'])
    rows = [row for row in rows if row.node in nodes]
    if not rows:
        return None
    return forecast.PreviousRun(
        set_id=rows[0].set_id,
        outage_seconds=_of_all(max, [row.outage_seconds for row in rows]),
        duration_seconds=_duration(rows[0].set_id),
        stored_bytes=_of_all(sum, [row.stored_bytes for row in rows]))


def _of_all(function, values):
    return None if None in values else function(values)


def _duration(job_id):
    try:
        row = jobs.get(job_id)
    except errors.NotFound:
        return None
    if not (row.started_at and row.finished_at):
        return None
    return (row.finished_at - row.started_at).total_seconds()
