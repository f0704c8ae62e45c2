# SPDX-License-Identifier: Apache-2.0
"""Have the clusters that live on this node go on without a lost member, which
comes back as a new one."""
from baas.node.cluster import membership
from baas.node.cluster import ovn
from baas.node import errors
from baas.node.system import command

_HINT = 'See what rabbitmqctl cluster_status says, and repair the broker.'


def forget_member(request):
    """Forget a member that is lost.

    A broker that does not answer is passed over: another member may.

    Options: host (its short host name), ovn (list of {'name': of a database,
    'address': that its server had in the cluster, 'server_id': of the one that
    comes in its place}).

    :returns: {'forgotten': what, in words}.
    :raises errors.NodeError: a cluster does not let it go.
    """
    forgotten = ['%s of %s' % (one['address'], one['name'])
                 for one in request.options.get('ovn') or []
                 if ovn.remove_member(one['name'], one['address'],
                                      one['server_id'])]
    try:
        forgotten += _forget_broker(request.option('host'))
    except errors.Unknown as error:
        request.log(error.cause)
    return {'forgotten': forgotten}


def _forget_broker(host):
    """Have RabbitMQ forget the brokers of a host that do not run."""
    found = membership.brokers()
    lost = [name for name in found['disk'] if name not in found['running']
            and name.partition('@')[2].split('.')[0] == host] if found else []
    for name in lost:
        command.run(membership.rabbitmqctl() + [
            '-q', 'forget_cluster_node', name], _HINT, 60)
    return lost
