# SPDX-License-Identifier: Apache-2.0
"""What the clusters of a node would need to be made again."""
import os

from baas.node.cluster import ceph
from baas.node.cluster import membership
from baas.node.cluster import ovn
from baas.node.system import command
from baas.node.system import presence

_UNKNOWN_WORD = 64
"""How rabbitmqctl ends (EX_USAGE) when it does not know a command."""


def save(folder):
    """Write what the cluster would need to be made again.

    :param folder: where to.
    :returns: names of the files written; what is not here is no error.
    :raises baas.node.errors.Unknown: what is here does not tell.
    """
    saved = []
    if membership.pacemaker() is not None:
        out = presence.ask(
            (membership.tool('cibadmin') or ['cibadmin']) + ['--query'],
            'See what cibadmin --query says on the node.', 30)
        saved.append(_write(folder, 'cib.xml', out))
    definitions = _definitions()
    if definitions:
        saved.append(_write(folder, 'rabbitmq.json', definitions))
    for name, text in sorted(ovn.backups().items()):
        saved.append(_write(folder, name + '.db', text))
    keys = ceph.export()
    if keys:
        saved.append(_write(folder, 'ceph-auth.keyring', keys))
    return saved


def _definitions():
    """Give what the broker has defined (str); None without one, or where it
    is too old to tell."""
    words = membership.rabbitmqctl()
    if words is None or not membership.is_broker():
        return None
    words += ['-q', 'export_definitions', '-']
    status, out, errors = command.attempt(words, 60)
    if status == _UNKNOWN_WORD:
        return None
    hint = 'See what rabbitmqctl says on the node, and repair the broker.'
    if status:
        raise presence.unanswered(words, status, errors or out, hint)
    if not out.lstrip().startswith('{'):
        raise presence.unreadable(words, out, hint)
    return out


def _write(folder, name, text):
    with open(os.open(os.path.join(folder, name),
                      os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w',
              encoding='utf-8', errors='surrogateescape') as handle:
        handle.write(text)
    return name
