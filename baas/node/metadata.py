# SPDX-License-Identifier: Apache-2.0
"""What the clusters of a node would need to be made again."""
import os

from baas.node import cluster
from baas.node import command
from baas.node import ovn
from baas.node.services import ceph


def save(folder):
    """Write what the cluster would need to be made again.

    :param folder: where to.
    :returns: names of the files written; what is not here is no error.
    """
    saved = []
    tool = command.find('cibadmin')
    if tool:
        status, out, _ = command.attempt([tool, '--query'], 30)
        if not status:
            saved.append(_write(folder, 'cib.xml', out))
    words = cluster.rabbitmqctl()
    if words is not None:
        status, out, _ = command.attempt(
            words + ['-q', 'export_definitions', '-'], 60)
        if not status and out.lstrip().startswith('{'):
            saved.append(_write(folder, 'rabbitmq.json', out))
    for name, text in sorted(ovn.backups().items()):
        saved.append(_write(folder, name + '.db', text))
    keys = ceph.export()
    if keys:
        saved.append(_write(folder, 'ceph-auth.keyring', keys))
    return saved


def _write(folder, name, text):
    with open(os.open(os.path.join(folder, name),
                      os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w',
              encoding='utf-8', errors='surrogateescape') as handle:
        handle.write(text)
    return name
