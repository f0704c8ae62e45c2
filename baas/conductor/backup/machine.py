# SPDX-License-Identifier: Apache-2.0
"""Which machine answers under the name of a node."""
from oslo_log import log

from baas.db import backups
from baas import errors
from baas.jobs import states
from baas.node.system import clock
from baas.node.system import host_id
from baas.storage import manifest

LOG = log.getLogger(__name__)


def problems(found, before, own_allowed):
    """Find nodes that are not the machines that they should be.

    Ids of clones are the same; so one id that is wrong is no proof, and two
    things have to say so.

    :param found: mapping of node to the result of its verb ``check``.
    :param before: mapping of node to the id of its machine in its last
        backup, as far as it is known.
    :param own_allowed: True when the machine of the service may be a node.
    :returns: mapping of node to {cause, hint}.
    """
    bad = {}
    for node in found if not own_allowed else ():
        if _machine(found[node]) == (host_id.machine_id(), clock.boot_id()):
            bad[node] = {
                'cause': f'{node} is the machine that the service itself '
                         'runs on.',
                'hint': f'Correct the address of {node} in the inventory, or '
                        'set [targets] own_machine if it is meant.'}
    for node, other in _twins(found):
        bad.setdefault(node, {
            'cause': f'{node} and {other} of the inventory are one machine.',
            'hint': 'Correct their addresses in the inventory.'})
    for node, was in _strangers(found, before):
        other = [name for name, id in before.items()
                 if id == found[node]['machine_id']]
        if other:
            bad.setdefault(node, {
                'cause': f'The machine that answers as {node} is '
                         f'{other[0]}, by the machine id of its last backup.',
                'hint': 'Correct the addresses in the inventory; if the '
                        'names of the nodes have changed, take them anew '
                        'under names that no backup has.'})
    return bad


def warnings(found, before):
    """Say which nodes are another machine than in their last backup.

    :returns: list of (level, node, sentence) for the log of the job.
    """
    return [('warning', node, 'Another machine than that of its last backup '
             f'answers under this name: its machine id is '
             f'{found[node]["machine_id"]}, and was {was}. That is so when '
             'it was installed anew.')
            for node, was in _strangers(found, before)]


def before(storage, key, nodes):
    """Give the machine ids of the last backups of nodes (dict).

    What cannot be read is left out: it is one witness of several.
    """
    found = {}
    for node in nodes:
        rows = backups.page(filters={'node': node, 'status': states.AVAILABLE},
                            limit=1)
        try:
            for row in rows:
                read = manifest.read(storage, key, node, row.id)
                found[node] = read['layout']['machine_id']
        except (errors.BaasError, KeyError) as error:
            LOG.info('The last backup of %s does not say what machine it is '
                     'of: %s', node, error)
    return {node: id for node, id in found.items() if id}


def _machine(result):
    id = result.get('machine_id')
    return (id, result.get('boot_id')) if id else None


def _twins(found):
    seen = {}
    for node, result in sorted(found.items()):
        machine = _machine(result)
        if machine and seen.setdefault(machine, node) != node:
            yield node, seen[machine]


def _strangers(found, before):
    for node, result in sorted(found.items()):
        id, was = result.get('machine_id'), before.get(node)
        if id and was and id != was:
            yield node, was
