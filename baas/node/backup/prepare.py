# SPDX-License-Identifier: Apache-2.0
"""Open the job on this node, and take from running services what a copy of
files cannot give: the dump of the database and the state of the cluster."""
import os
import stat
import uuid

from baas.node.cluster import export
from baas.node.cluster import galera
from baas.node.cluster import mariadb
from baas.node.cluster import membership
from baas.node.cluster import ovn
from baas.node import journal
from baas.node import paths
from baas.node import payloads
from baas.node.services import registry
from baas.node.stores import nfs
from baas.node.system import systemd

_DESYNC = {'kind': 'desync'}


def prepare(request):
    """Open the journal and the storage; take dump and metadata.

    Options: those of the payload; dump: True on the one node that dumps.

    :returns: {'new_repository', 'dump': {...} or None, 'metadata': [names],
        'versions'}.
    :raises errors.NodeError: see the modules used.
    """
    payload = payloads.of(request.options)
    versions = payload.require(request)
    journal.begin(request.job, request.epoch, 'backup')
    _forget_checks(request.job)
    with journal.edit(request.job, request.epoch) as opened:
        if 'pacemaker' not in opened.data['before']:
            opened.measured(
                galera=galera.state(), pacemaker=membership.pacemaker(),
                rabbitmq=membership.rabbitmq(), ovn=ovn.members(),
                services=registry.before(), active=systemd.steady())
    nfs.reach(request)
    new = payload.prepare(request)
    folder = paths.make(paths.state('metadata'))
    saved = export.save(folder)
    dump = None
    if request.options.get('dump') and mariadb.answers():
        request.report(task='dumping the database', percent=20)
        dump = _dump(request, folder)
        if dump['untold']:  # pragma: no cover - an ignored account
            request.log(
                'The database server knows nothing of its accounts %s: they '
                'are not in grants.sql.' % ', '.join(dump['untold']))
        saved += [dump['file'], 'position.json']
    return {'new_repository': new, 'dump': dump, 'metadata': saved,
            'versions': versions}


def _forget_checks(job):
    """Clear away the program of checks that were broken off: of their jobs
    nobody is at work any more, for this one is open now."""
    for name in os.listdir(paths.make(paths.RUN)):
        if name == job or not _is_job(name):
            continue
        folder = paths.work(name)
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
    """Dump while this member may lag, so that the cluster need not wait.

    One that clients use may not: a proxy takes a member for lost that is not
    synced, and cuts off all its sessions.
    """
    member = galera.state()
    if member is None or member['size'] < 2 or mariadb.desynced() \
            or mariadb.clients():
        return mariadb.dump(folder)
    with journal.edit(request.job, request.epoch) as opened:
        opened.add_undo(_DESYNC)
    try:
        mariadb.set_desync(True)
        return mariadb.dump(folder)
    finally:
        mariadb.undo_desync()
        with journal.edit(request.job, request.epoch) as opened:
            opened.clear_undos(_DESYNC)
