# SPDX-License-Identifier: Apache-2.0
"""Look at the node before anything is done to it; nothing is changed."""
import os
import platform
import socket
import time

from baas.node.backup import estimate
from baas.node.backup import room
from baas.node.cluster import galera
from baas.node.cluster import mariadb
from baas.node.cluster import membership
from baas.node.cluster import ovn
from baas.node.cluster import shared_files
from baas.node.coverage import report as coverage
from baas.node.disks import filesystems
from baas.node import errors
from baas.node import journal
from baas.node import payloads
from baas.node.payloads import restic_cli
from baas.node.services import base
from baas.node.services import registry
from baas.node import snapshots
from baas.node.snapshots import snapshot
from baas.node.stores import nfs
from baas.node.system import clock
from baas.node.system import host_id
from baas.node.system import nics


def check(request):
    """Tell how the node is and what stands in the way of a backup.

    Options: units (what would be quiesced), mode (``stop`` or ``freeze``),
    stopall (False: nothing will be quiesced), storage ({'kind', 'path',
    'host'}), allow_on_target (True: storage on the target itself is no
    problem), needs ({what the service needs: [its addresses]}), shared (globs
    of files that all members have in common; told apart), excludes (globs),
    reserve_percent (of a file system that has to stay free while it has a
    snapshot), payload (its kind), share, coverage ({'storage': folder of the
    storage on this node, or None}).

    :returns: see the contract; problems is a list of {'cause', 'hint'},
        unanswered a list of what nobody can tell of this node.
    :raises errors.NodeError: there are problems; they are in its result.
    """
    doubts = _Doubts()
    mounts = filesystems.captured()
    result = _look(request, mounts, doubts)
    result['units'], awkward = _would_quiesce(request.options)
    result['unknown'] = doubts.ask('units', registry.unknown, registry.flat(
        request.options.get('units') or [])) or []
    # Before the share is mounted, which is none of the node's.
    result['coverage'] = coverage.report(
        request.options, result['units'], result['unknown'])
    result['problems'] = awkward + _problems(
        request, mounts, result, doubts)
    result['shared'] = shared_files.digests(request.options.get('shared')
                                            or [])
    result['forecast'] = doubts.ask(
        'forecast', estimate.forecast, request.options)
    result['unanswered'] = doubts.names
    result['problems'] += [one for one in doubts.problems
                           if one not in result['problems']]
    if result['problems']:
        first = result['problems'][0]
        raise errors.NodeError(first['cause'], first['hint'], result)
    return result


def _look(request, mounts, doubts):
    data = journal.load()
    leftover = data if (journal.is_open(data)
                        and data['job'] != request.job) else None
    return {
        'hostname': host_id.hostname(), 'machine_id': host_id.machine_id(),
        'boot_id': clock.boot_id(), 'time': time.time(),
        'python': platform.python_version(),
        'filesystems': doubts.ask('filesystems', _described, mounts) or [],
        'galera': doubts.ask('galera', galera.state),
        'database_clients': doubts.ask('database', mariadb.clients),
        'pacemaker': doubts.ask('pacemaker', membership.pacemaker),
        'rabbitmq': doubts.ask('rabbitmq', membership.rabbitmq),
        'ovn': doubts.ask('ovn', ovn.members),
        'restic_version': doubts.ask('restic', restic_cli.version),
        'leftover': leftover,
        'carries': doubts.ask('addresses', _carried, request.options.get(
            'needs') or {}) or []}


class _Doubts:
    """What was asked and not answered.

    :ivar names: of what nobody can tell (list of str).
    :ivar problems: why, as of :func:`check`.
    """

    def __init__(self):
        self.names, self.problems = [], []

    def ask(self, name, function, *arguments):
        """Give what a function tells, or None when it does not know."""
        try:
            return function(*arguments)
        except errors.Unknown as error:
            self.names.append(name)
            self.problems.append(_problem(error.cause, error.hint))
            return None


def _described(mounts):
    return [snapshots.described(one) for one in mounts]


def _problems(request, mounts, result, doubts):
    options = request.options
    return ((doubts.ask('storage', _storage_problems, options, mounts) or [])
            + _share_problems(request)
            + _root_problems(mounts)
            + room.problems(
                bool(result['units']) and _mode(options) == base.STOP)
            + _cluster_problems(result)
            + (doubts.ask('snapshots', snapshot.problems, options) or [])
            + (doubts.ask('payload', payloads.of(options).problems) or []))


def _would_quiesce(options):
    """Name what would be quiesced, and say what stands in the way of that."""
    mode = _mode(options)
    try:
        stages = registry.stages(options.get('units') or [], mode)
        names = [service.name(thing) for stage in stages
                 for service, things in stage for thing in things]
        return names, registry.problems(stages, mode)
    except errors.NodeError as error:
        return [], [_problem(error.cause, error.hint)]


def _mode(options):
    return options.get('mode') or base.STOP


def _carried(needs):
    """Name what the service needs and has on this node (sorted list)."""
    own = nics.own_addresses() if needs else set()
    return sorted(name for name, addresses in needs.items()
                  if own.intersection(addresses))


def _problem(cause, hint):
    return {'cause': cause, 'hint': hint}


def _storage_problems(options, mounts):
    storage = options.get('storage') or {}
    allowed = bool(options.get('allow_on_target'))
    host = storage.get('host')
    if storage and not host:
        return _folder_problems(storage['path'], mounts, allowed)
    if host and not allowed:
        own = nics.own_addresses()
        for address in _addresses(host):
            if address in own:
                return [_problem(
                    'The storage host %s is this node itself.' % host,
                    'Keep backups on another machine than the target.')]
    return []


def _share_problems(request):
    """Mount the share, which ends with this process, and look at it."""
    if not request.options.get('share'):
        return []
    try:
        nfs.reach(request)
    except errors.NodeError as error:
        return [_problem(error.cause, error.hint)]
    if not os.access(nfs.place(), os.W_OK | os.X_OK):
        return [_problem(
            'The share is not writable for root on this node.',
            'Export it writable, and with no_root_squash or all_squash.')]
    return []


def _folder_problems(path, mounts, allowed):
    if not os.path.isdir(path):
        return [_problem(
            'The storage folder %s does not exist on this node.' % path,
            'Mount the storage there, or correct its path.')]
    if not os.access(path, os.W_OK | os.X_OK):
        return [_problem(
            'The storage folder %s is not writable.' % path,
            'Mount it writable, and let root write to it.')]
    holding = filesystems.holding(path)
    if not allowed and holding and (
            holding['number'] in [one['number'] for one in mounts]):
        return [_problem(
            'The storage folder %s is on the target itself.' % path,
            'Mount storage of another machine there.')]
    return []


def _addresses(host):
    try:
        rows = socket.getaddrinfo(host, None)
    except OSError as error:
        if error.errno == socket.EAI_NONAME:
            return []
        raise errors.Unknown(  # pragma: no cover - no such name service
            'Nobody tells this node the address of %s: %s.'
            % (host, error.strerror), 'Look at the name service of the node.')
    return sorted({row[4][0].partition('%')[0] for row in rows})


def _root_problems(mounts):
    if b'/' in [one['mountpoint'] for one in mounts]:
        return []
    return [_problem(
        'The root of this node is on no local file system.',
        'Only nodes that run from a disk of their own can be backed up.')]


def _cluster_problems(result):
    problems = []
    member, pacemaker = result['galera'], result['pacemaker']
    if member and (member['state'] != 'Synced'
                   or member['status'] != 'Primary'):
        problems.append(_problem(
            'Galera is %s (%s) on this node, not Synced.'
            % (member['state'], member['status']),
            'Wait until the member has caught up, or repair it.'))
    if pacemaker and not pacemaker['quorum']:
        problems.append(_problem(
            'The Pacemaker cluster has no quorum.',
            'Bring the missing members back: %s.'
            % (', '.join(pacemaker['offline']) or 'see crm_mon')))
    return problems
