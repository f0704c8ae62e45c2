# SPDX-License-Identifier: Apache-2.0
"""Wait until the node is as it was before."""
import time

from baas.node.cluster import galera
from baas.node.cluster import membership
from baas.node.cluster import ovn
from baas.node import errors
from baas.node import journal
from baas.node.system import expected_units
from baas.node.services import registry
from baas.node.system import clock
from baas.node.system import systemd

_AGAIN = 10  # seconds between two tries of what failed on its way back


def wait_healthy(request):
    """Wait until units, Galera, Pacemaker and RabbitMQ are well again.

    Options: wait (seconds, 300); after a restore, when there is no journal:
    units (names; those that ran as the backup began, unless given),
    galera_size, online (names or a number), rabbitmq (running brokers, names
    or a number), ovn (names of databases that are to be in their clusters).

    :returns: {'seconds', 'galera', 'pacemaker', 'rabbitmq', 'ovn', 'retried':
        resources of the cluster that had failed and were tried again}.
    :raises errors.NodeError: something is missing; it is named.
    """
    began = tried = clock.boottime()
    until = began + float(request.options.get('wait', 300))
    wanted, retried = _wanted(request), set()
    while True:
        found = {'retried': sorted(retried)}
        missing = _missing(wanted, found)
        now = clock.boottime()
        if not missing:
            journal.mark_healthy(request.job)
            found['seconds'] = round(now - began, 3)
            return found
        if now >= until:
            raise errors.NodeError(
                'Not healthy after the resume: %s.' % '; '.join(missing),
                'Look at these services on the node.', found)
        if now >= tried + _AGAIN:
            tried = now
            try:
                retried.update(registry.retry_failed(wanted['services']))
            except errors.Unknown:  # pragma: no cover - it answered just now
                pass  # It is missing, too, and named.
        time.sleep(1)


def _wanted(request):
    data = journal.load()
    before = {}
    if journal.is_open(data) and data['job'] == request.job:
        before = data['before']
    options = request.options
    return {
        'units': options['units'] if 'units' in options
        else before.get('units') or expected_units.read(request.job),
        'galera': options.get('galera_size')
        or (before.get('galera') or {}).get('size'),
        'online': options.get('online')
        or (before.get('pacemaker') or {}).get('online'),
        'ovn': sorted(options.get('ovn') or before.get('ovn') or ()),
        'services': before.get('services') or {},
        'restored': not before,
        'rabbitmq': options.get('rabbitmq')
        or (before.get('rabbitmq') or {}).get('running')}


def _missing(wanted, found):
    missing = []
    for look in (_units, _galera, _pacemaker, _ovn, _services):
        missing += _asked(look, wanted, found)
    # The broker is slow to ask: only when the rest is well.
    return missing or _asked(_rabbitmq, wanted, found)


def _asked(look, wanted, found):
    """Look; what nobody can tell is missing until somebody does."""
    try:
        return look(wanted, found)
    except errors.Unknown as error:
        return [error.cause.rstrip('.')]


def _units(wanted, found):
    return systemd.lacking(wanted['units'], booted=wanted['restored'])


def _galera(wanted, found):
    if not wanted['galera']:
        return []
    found['galera'] = member = galera.state()
    if member and member['state'] == 'Synced' and (
            member['size'] >= int(wanted['galera'])):
        return []
    return ['Galera is %s with %s of %s members' % (
        member['state'] if member else 'down',
        member['size'] if member else 0, wanted['galera'])]


def _pacemaker(wanted, found):
    if not wanted['online']:
        return []
    found['pacemaker'] = seen = membership.pacemaker()
    lacking = lacks(wanted['online'], seen['online'] if seen else [])
    if seen and seen['quorum'] and not lacking:
        return []
    return ['Pacemaker has %s, missing: %s' % (
        'quorum' if seen and seen['quorum'] else 'no quorum',
        lacking or 'nobody')]


def _ovn(wanted, found):
    if not wanted['ovn']:
        return []
    found['ovn'] = seen = ovn.members()
    return ['%s %s' % (name, 'knows no leader' if name in seen
                       else 'is in no cluster')
            for name in wanted['ovn']
            if not seen.get(name, {}).get('leader')]


def _services(wanted, found):
    return registry.missing(wanted['services'])


def _rabbitmq(wanted, found):
    if not wanted['rabbitmq']:
        return []
    found['rabbitmq'] = seen = membership.rabbitmq()
    lacking = lacks(wanted['rabbitmq'], seen['running'] if seen else [])
    return ['RabbitMQ lacks %s' % lacking] if lacking else []


def lacks(wanted, here):
    """Say in words who of those wanted is not here, or give ''."""
    if isinstance(wanted, int):
        if len(here) >= wanted:
            return ''
        return '%d of %d' % (wanted - len(here), wanted)
    return ', '.join(name for name in wanted if name not in here)
