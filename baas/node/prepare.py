# SPDX-License-Identifier: Apache-2.0
"""Open the job on this node, and take from the living what a copy of files
cannot give: the dump of the database and the state of the cluster."""
import os
import stat
import uuid

from baas.node import cluster
from baas.node import database
from baas.node import galera
from baas.node import metadata
from baas.node import payloads
from baas.node import places
from baas.node import record
from baas.node import share
from baas.node.services import known
from baas.node import units

_DESYNC = {'kind': 'desync'}


def prepare(request):
    """Open the record and the storage; take dump and metadata.

    Options: those of the payload; dump: True on the one node that dumps.

    :returns: {'new_repository', 'dump': {...} or None, 'metadata': [names],
        'versions'}.
    :raises failure.NodeError: see the modules used.
    """
    payload = payloads.of(request.options)
    versions = payload.require(request)
    record.begin(request.job, request.epoch, 'backup')
    _forget_checks(request.job)
    with record.held(request.job, request.epoch) as held:
        if 'pacemaker' not in held.data['before']:
            held.data['before'].update(
                galera=galera.state(), pacemaker=cluster.pacemaker(),
                rabbitmq=cluster.rabbitmq(), services=known.before(),
                active=units.steady())
            held.save()
    share.reach(request)
    new = payload.prepare(request)
    folder = places.make(places.state('metadata'))
    saved = metadata.save(folder)
    dump = None
    if request.options.get('dump') and database.answers():
        request.tell(task='dumping the database', percent=20)
        dump = _dump(request, folder)
        if dump['untold']:
            request.note(
                'The database server knows nothing of its accounts %s: they '
                'are not in grants.sql.' % ', '.join(dump['untold']))
        saved += [dump['file'], 'position.json']
    return {'new_repository': new, 'dump': dump, 'metadata': saved,
            'versions': versions}


def _forget_checks(job):
    """Clear away the program of checks that were broken off: of their jobs
    nobody is at work any more, for this one is open now."""
    for name in os.listdir(places.make(places.RUN)):
        if name == job or not _is_job(name):
            continue
        folder = places.work(name)
        for path in [os.path.join(folder, one) for one in os.listdir(folder)]:
            if stat.S_ISREG(os.lstat(path).st_mode):
                os.remove(path)
        if not os.listdir(folder):
            os.rmdir(folder)


def _is_job(name):
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def _dump(request, folder):
    """Dump while this member may lag, so that the cluster need not wait."""
    member = galera.state()
    if member is None or member['size'] < 2 or database.desynced():
        return database.dump(folder)
    with record.held(request.job, request.epoch) as held:
        held.owe(_DESYNC)
        held.save()
    try:
        database.set_desync(True)
        return database.dump(folder)
    finally:
        database.undo_desync()
        with record.held(request.job, request.epoch) as held:
            held.pay(_DESYNC)
