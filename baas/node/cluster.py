# SPDX-License-Identifier: Apache-2.0
"""Pacemaker and RabbitMQ as this node sees them."""
import json
import xml.etree.ElementTree as elements

from baas.node import command
from baas.node import inside


def pacemaker():
    """Tell who is in the cluster.

    :returns: {'quorum': bool, 'online': [names], 'offline': [names]}; None
        when Pacemaker is not at work here.
    """
    text = crm_mon()
    return parse_crm_mon(text) if text else None


def crm_mon():
    """Give what crm_mon says (XML), or None when Pacemaker is not here."""
    tool = command.find('crm_mon')
    # Older versions know another name of the same option.
    for option in ('--output-as=xml', '--as-xml') if tool else ():
        status, out, _ = command.attempt([tool, '-1', option], 20)
        if not status:
            return out
    return None


def parse_crm_mon(text):
    """Read what crm_mon says (XML) into :func:`pacemaker`'s answer."""
    try:
        root = elements.fromstring(text)
    except elements.ParseError:
        return None
    leader = root.find('summary/current_dc')
    quorum = leader is not None and leader.get('with_quorum') == 'true'
    online, offline = [], []
    for node in root.findall('nodes/node'):
        here = node.get('online') == 'true'
        (online if here else offline).append(node.get('name'))
    return {'quorum': quorum, 'online': sorted(online),
            'offline': sorted(offline)}


def corosync():
    """Tell how many members are in touch (int); None when nobody says."""
    tool = command.find('corosync-quorumtool')
    if not tool:
        return None
    # It ends with an error while there is no quorum, and tells all the same.
    _, out, _ = command.attempt([tool, '-s'], 20)
    return parse_quorumtool(out)


def parse_quorumtool(text):
    """Read what corosync-quorumtool says into :func:`corosync`'s answer."""
    for line in text.splitlines():
        name, _, value = line.partition(':')
        if name.strip() == 'Nodes' and value.strip().isdigit():
            return int(value)
    return None


def rabbitmqctl():
    """Give the words rabbitmqctl starts with, or None."""
    return inside.tool(('rabbitmqctl',), 'rabbitmq')


def rabbitmq():
    """Tell which brokers run.

    :returns: {'running': [names]}; None when there is none on this node.
    """
    words = rabbitmqctl()
    if words is None:
        return None
    status, out, _ = command.attempt(
        words + ['-q', 'cluster_status', '--formatter', 'json'], 40)
    if status:
        return None
    try:
        return {'running': sorted(json.loads(out)['running_nodes'])}
    except (ValueError, KeyError, TypeError):
        return None
