# SPDX-License-Identifier: Apache-2.0
"""What no node of a target can know of that is in no backup of it: other
machines, and what is needed besides backups."""
from oslo_log import log

from baas.db.coverage import coverages
from baas import errors
from baas.jobs.coverage import gaps
from baas.runner import inventory
from baas.runner import untargeted

LOG = log.getLogger(__name__)
_SHOWN = 5


def look(handler):
    """Find the gaps of a whole set.

    :param handler: :class:`baas.conductor.backup.backup.Backup`.
    :returns: (gaps, kinds of which all are known).
    """
    found, looked = list(_secrets(handler)), ['secret', 'unanswered']
    try:
        found += list(_machines(handler))
        looked.append('machine')
    except errors.BaasError as error:
        LOG.info('Nobody can tell which machines are in no target: %s', error)
        found.append(gaps.gap(
            None, 'unanswered', 'machine', 'unanswered',
            f'Nobody can tell which machines no target has: {error}'))
    return found, looked


def _secrets(handler):
    yield gaps.gap(
        None, 'secret', 'master key', 'needed',
        'Nothing can be read without [payload] key_file, a copy of it in a '
        'backup included: keep one elsewhere.')
    names = sorted(handler.storage.credentials())
    if names:
        yield gaps.gap(
            None, 'secret', 'credentials of the storage', 'needed',
            f'A service that is set up anew needs them ({", ".join(names)}): '
            f'keep a copy elsewhere.')


def _machines(handler):
    conf = handler.conf
    if not conf.targets.own_machine:
        yield gaps.gap(
            None, 'machine', 'the machine of this service', 'service',
            'It is a node of no target: keep a copy of its configuration, '
            'its inventory with the keys, and its database.')
    for name, groups in untargeted.machines(conf).items():
        shown = ', '.join(groups[:_SHOWN]) + ', ...' * (
            len(groups) > _SHOWN)
        yield gaps.gap(
            None, 'machine', name, 'no_target',
            f'No target has it, and nobody backs it up here; its groups: '
            f'{shown or "none"}.')
    has = coverages.backed_up()
    for node in inventory.nodes(conf=conf):
        if node.target != handler.job.target and node.name not in has:
            yield gaps.gap(
                None, 'machine', node.name, 'never',
                f'It is a node of the {node.target}, of which there is no '
                f'available backup.')
