# SPDX-License-Identifier: Apache-2.0
"""The administration tool of Ceph, and what it knows."""
from baas.node.system import command
from baas.node.system import container_tool
from baas.node.system import presence

HINT = 'See what ceph status says on the node, and repair the cluster.'


def tool():
    """Give the words the administration tool starts with, or None.

    :raises baas.node.errors.Unknown: nobody can tell.
    """
    words = container_tool.tool(('ceph',), 'ceph-mon')
    return words + ['--connect-timeout', '10'] if words else None


def export():
    """Give all keys and rights of the cluster (str); None without Ceph, or
    where nobody may ask for them.

    :raises baas.node.errors.Unknown: Ceph does not answer its monitor's own
        node.
    """
    words = tool()
    ask = (words or ['ceph']) + ['auth', 'export']
    status, out, errors = command.attempt(ask, 30) if words else (
        127, '', 'there is no ceph')
    if not status and '[' in out:
        return out
    # Other nodes may have the tool without the right to ask.
    if presence.runs('ceph-mon'):
        raise presence.unanswered(ask, status, errors or out, HINT)
    return None
