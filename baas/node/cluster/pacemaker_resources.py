# SPDX-License-Identifier: Apache-2.0
"""Resources of Pacemaker: which run, and another try for those that failed.

A resource that fails while its cluster comes back may be left as it is until
somebody clears the failure: a member of Galera, by ``on-fail=block``."""
from baas.node.cluster import membership
from baas.node.system import command


class ClusterView:
    """What one look at the cluster showed.

    :ivar running: how often each resource runs in which role
        ({'name role': int}).
    :ivar left: what runs here and goes on when Pacemaker stops, for it may
        not touch it (sorted list of names).
    :ivar failures: what failed on this node, or on a guest that it carries:
        set of (resource, node, operation).
    """

    def __init__(self, text, name):
        root = membership.read_xml('crm_mon', text)
        self.running, places, unmanaged = {}, {}, []
        for one in root.findall('resources//resource'):
            place = one.find('node')
            if place is None:
                continue
            if one.get('managed') == 'false' or one.get('blocked') == 'true':
                unmanaged.append((one.get('id'), place.get('name')))
            if one.get('failed') == 'true':
                continue
            places[one.get('id')] = place.get('name')
            key = '%s %s' % (one.get('id'), one.get('role'))
            self.running[key] = self.running.get(key, 0) + 1
        ours = {name} | {
            guest.get('name') for guest in root.findall('nodes/node')
            if places.get(guest.get('id_as_resource')) == name}
        self.left = sorted({one for one, place in unmanaged if place in ours})
        self.failures = {
            (one.get('op_key', '').rsplit('_', 2)[0], one.get('node'),
             one.get('op_key', ''))
            for one in root.findall('failures/failure')
            if one.get('node') in ours}


def look(name):
    """Look at the cluster.

    :param name: what this node is called there.
    :returns: :class:`NodeView`; None when Pacemaker is not at work here.
    :raises baas.node.errors.Unknown: it is, and does not answer.
    """
    text = membership.crm_mon()
    return None if text is None else ClusterView(text, name)


def lacking(before, view):
    """Say which resources run less often than before (list of str).

    :param before: ``running`` of an earlier look.
    """
    return ['%s runs %d of %d times' % (key, view.running.get(key, 0), times)
            for key, times in sorted(before.items())
            if view.running.get(key, 0) < times]


def clear(view, known=()):
    """Have Pacemaker try again what failed on this node.

    :param known: operations that had failed before; they are left alone.
    :returns: names of the resources (sorted list).
    """
    fresh = sorted({(resource, node) for resource, node, key in view.failures
                    if key not in known})
    words = membership.tool('crm_resource') if fresh else None
    for resource, node in fresh if words else ():
        command.attempt(words + ['--cleanup', '--resource', resource,
                                 '--node', node], 30)
    return sorted({resource for resource, _ in fresh})
