# SPDX-License-Identifier: Apache-2.0
"""How the content of a node is stored: one file a kind."""
from baas.node import errors
from baas.node.payloads import restic
from baas.node.payloads import tar

KINDS = {one.name: one for one in (restic.Restic(), tar.Tar())}
"""All kinds, by name."""


def of(options):
    """Give the :class:`baas.node.payloads.base.Payload` of a verb.

    Option: payload (name of the kind; restic when it is missing).
    """
    name = options.get('payload') or restic.Restic.name
    if name not in KINDS:
        raise errors.NodeError(
            'A payload of kind %s is not known here.' % name,
            'Use the node program of the release of the service.')
    return KINDS[name]
