# SPDX-License-Identifier: Apache-2.0
"""Which one is meant: ids, names and the word `last` become a backup."""
import re

from osc_lib import exceptions

from baasclient import command
from baasclient import http
from baasclient import refusal

NEWEST = 'creation_date:desc,node:asc'
"""Newest first, and the nodes of a set in a row."""
_ID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'


def is_id(reference):
    """Tell whether something can be an id; it is a name if not."""
    return re.fullmatch(_ID, reference) is not None


def backup(client, reference, **filters):
    """Find the one backup that somebody means.

    :param client: :class:`baasclient.http.Client`.
    :param reference: id of a backup, a name that only one has, id of a set
        that has only one, or the word `last`: the newest available one.
    :param filters: what else must be true of it, e.g. ``target``.
    :returns: the backup (mapping).
    :raises CommandError: there is none, or more than one.
    """
    if reference == 'last':
        return client.get(http.path('backup', 'last'), **filters)
    if is_id(reference):
        try:
            return _fitting(client.get(http.path('backup', reference)),
                            filters)
        except exceptions.NotFound:
            found = client.list('backup', set_id=reference, sort=NEWEST,
                                **filters)
            if not found:
                raise
    else:
        found = _called(client, 'backup', reference, sort=NEWEST, **filters)
    if len(found) == 1:
        return found[0]
    if not found:
        raise exceptions.CommandError(
            'There is no backup with the id or the name %s%s.\nList what '
            'there is with: openstack control plane backup list' % (
                reference or "''", ''.join(
                    ' and the %s %s' % pair
                    for pair in sorted(filters.items()))))
    raise exceptions.CommandError(
        '%d backups are called %s.\nName one of them by its id:\n%s' % (
            len(found), reference, '\n'.join(
                '  %(id)s  %(node)s  %(status)s  %(creation_date)s' % each
                for each in found)))


def schedule(client, reference):
    """Find the one schedule that somebody means.

    :param reference: id of a schedule, or a name that only one has.
    :returns: the schedule (mapping).
    :raises CommandError: there is none, or more than one.
    """
    if is_id(reference):
        return client.get(http.path('schedule', reference))
    found = _called(client, 'schedule', reference)
    if len(found) == 1:
        return found[0]
    if not found:
        raise exceptions.CommandError(
            'There is no schedule with the id or the name %s.\nList what '
            'there is with: openstack control plane backup schedule list'
            % (reference or "''"))
    raise exceptions.CommandError(
        '%d schedules are called %s.\nName one of them by its id:\n%s' % (
            len(found), reference, '\n'.join(
                '  %(id)s  %(target)s  %(cron)s  %(timezone)s' % each
                for each in found)))


def backup_of_node(client, reference, node):
    """Find the backup to be restored onto a node.

    :param reference: id of a backup, or a name, the id of a set or the word
        `last`, of which the node's backup is meant.
    :param node: any id that the node is known by.
    :returns: the backup (mapping).
    :raises CommandError: there is none, or more than one.
    :raises NotFound: no node is known by that id.
    """
    name = client.get(http.path('node', node))['name']
    return backup(client, reference, node=name)


def set_id(client, reference):
    """Find the set that is to be restored.

    :param reference: id of a set, a name that the backups of only one have,
        or the word `last`: the newest set of the overcloud of which all
        backups are available, and no node is missing.
    :returns: id of the set (str).
    :raises CommandError: there is none, or more than one.
    """
    if is_id(reference):
        return reference
    if reference == 'last':
        filters = {'target': 'overcloud'}
        found = client.list('backup', sort=NEWEST, **filters)
    else:
        filters = {'name': reference}
        found = _called(client, 'backup', reference, sort=NEWEST)
    whole = {}
    # A set is not whole that has something in the trash.
    for each in found + _trashed(client, **filters):
        whole[each['set_id']] = (each['status'] == 'available'
                                 and not each.get('missing_nodes')
                                 and whole.get(each['set_id'], True))
    found = list(whole)
    if reference == 'last':
        found = [id for id in whole if whole[id]][:1]
    if len(found) == 1:
        return found[0]
    if not found:
        raise exceptions.CommandError(
            'There is no set that is called %s.\nList what there is with: '
            'openstack control plane backup list' % (reference or "''")
            if reference != 'last' else
            'There is no set of the overcloud of which all backups are '
            'available.\nList what there is with: openstack control plane '
            'backup list')
    raise exceptions.CommandError(
        '%d sets are called %s.\nName one of them by its id:\n%s' % (
            len(found), reference, '\n'.join('  ' + id for id in found)))


def _called(client, noun, name, **filters):
    """List what has a name. What the service does not take for one is the
    name of nothing."""
    try:
        return client.list(noun, name=name, **filters)
    except exceptions.BadRequest as error:
        if error.details != refusal.INVALID:
            raise
        return []


def _trashed(client, **filters):
    try:
        return client.list('backup', status='trashed', **filters)
    except exceptions.BadRequest:  # a service of before has no trash
        return []


def _fitting(found, filters):
    for name, value in filters.items():
        if found[name] != value:
            raise exceptions.CommandError(
                'Backup %s is of the %s %s, not of %s.\nShow it with: '
                'openstack control plane backup show %s' % (
                    found['id'], name, found[name], value, found['id']))
    return found


def add_paging(parser):
    """Add the options that all lists have."""
    parser.add_argument('--limit', metavar='<number>', type=command.whole,
                        help='How many to show at most (default: all)')
    parser.add_argument('--marker', metavar='<id>',
                        help='Begin after the one with this id')
    parser.add_argument('--sort', metavar='<key>[:<direction>]',
                        help='Order, e.g. name,creation_date:desc')
