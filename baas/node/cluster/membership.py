# SPDX-License-Identifier: Apache-2.0
"""Pacemaker and RabbitMQ as this node sees them."""
import json
import xml.etree.ElementTree as elements

from baas.node.system import command
from baas.node.system import container_tool
from baas.node.system import presence


_PACEMAKER = ('pacemakerd', 'pacemaker-remoted', 'pacemaker_remoted')
_HINT = 'See what crm_mon says on the node, and repair Pacemaker or stop it.'
_BROKER = 'See what rabbitmqctl cluster_status says, and repair the broker.'


def tool(word):
    """Give the words that a tool of Pacemaker starts with, or None.

    :raises errors.Unknown: nobody can tell.
    """
    return container_tool.tool((word,), 'pacemaker')


def pacemaker():
    """Tell who is in the cluster.

    :returns: {'quorum': bool, 'online': [names], 'offline': [names]}; None
        when Pacemaker is not at work here.
    :raises errors.Unknown: it is at work and does not answer.
    """
    text = crm_mon()
    return parse_crm_mon(text) if text is not None else None


def crm_mon():
    """Give what crm_mon says (XML), or None when Pacemaker is not at work
    here.

    :raises errors.Unknown: it is at work and does not answer.
    """
    words, status, said = tool('crm_mon'), 127, 'there is no crm_mon'
    # Older versions know another name of the same option.
    for option in ('--output-as=xml', '--as-xml') if words else ():
        status, out, errors = command.attempt(words + ['-1', option], 20)
        if not status:
            return out
        said = errors or out
        if status == 124:
            break
    if presence.runs(*_PACEMAKER):
        raise presence.unanswered(['crm_mon'], status, said, _HINT)
    return None


def parse_crm_mon(text):
    """Read what crm_mon says (XML) into :func:`pacemaker`'s answer.

    :raises errors.Unknown: it cannot be read.
    """
    root = read_xml('crm_mon', text)
    leader = root.find('summary/current_dc')
    quorum = leader is not None and leader.get('with_quorum') == 'true'
    online, offline = [], []
    for node in root.findall('nodes/node'):
        here = node.get('online') == 'true'
        (online if here else offline).append(node.get('name'))
    return {'quorum': quorum, 'online': sorted(online),
            'offline': sorted(offline)}


def containers():
    """Name the containers that Pacemaker keeps (set of str).

    :raises errors.Unknown: it does not tell.
    """
    text = crm_mon()
    if text is None:
        return set()
    root = read_xml('crm_mon', text)
    return {one.get('id') for one in root.iter('resource')
            if (one.get('resource_agent') or '').rpartition(':')[2]
            in ('podman', 'docker')}


def read_xml(word, text):
    """Read what a tool of Pacemaker says.

    :raises errors.Unknown: it is no XML.
    """
    try:
        return elements.fromstring(text)
    except elements.ParseError:
        raise presence.unreadable([word], text, _HINT)


def corosync():
    """Tell how many members are in touch (int); None without Corosync.

    :raises errors.Unknown: it does not say.
    """
    found = command.find('corosync-quorumtool')
    if not found:
        return None
    # It ends with an error while there is no quorum, and tells all the same.
    status, out, errors = command.attempt([found, '-s'], 20)
    members = parse_quorumtool(out)
    if members is None:
        raise presence.unanswered([found, '-s'], status, errors or out,
                                  'Look at systemctl status corosync.')
    return members


def parse_quorumtool(text):
    """Read what corosync-quorumtool says into :func:`corosync`'s answer."""
    for line in text.splitlines():
        name, _, value = line.partition(':')
        if name.strip() == 'Nodes' and value.strip().isdigit():
            return int(value)
    return None


def rabbitmqctl():
    """Give the words rabbitmqctl starts with, or None."""
    return container_tool.tool(('rabbitmqctl',), 'rabbitmq')


def rabbitmq():
    """Tell which brokers run.

    :returns: {'running': [names]}; None when there is none on this node.
    :raises errors.Unknown: there is one, and it does not answer.
    """
    found = brokers()
    return found and {'running': found['running']}


def brokers():
    """Tell which brokers are in the cluster of this node's.

    :returns: {'running': [names], 'disk': [names of all that keep its state,
        running or not]}; None when there is none on this node.
    :raises errors.Unknown: there is one, and it does not answer.
    """
    words = rabbitmqctl()
    status, said = 127, 'there is no rabbitmqctl'
    if words is not None:
        words += ['-q', 'cluster_status', '--formatter', 'json']
        status, out, errors = command.attempt(words, 40)
        if not status:
            return _brokers(words, out)
        said = errors or out
    if is_broker():
        raise presence.unanswered(words or ['rabbitmqctl'], status, said,
                                  _BROKER)
    return None


def is_broker():
    """Tell whether a broker runs on this node, answering or not."""
    return presence.runs('beam.smp', 'beam', word='rabbit')


def _brokers(words, text):
    try:
        found = json.loads(text)
        return {'running': sorted(found['running_nodes']),
                'disk': sorted(found.get('disk_nodes', ()))}
    except (ValueError, KeyError, TypeError):
        raise presence.unreadable(words, text, _BROKER)
