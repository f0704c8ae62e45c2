# SPDX-License-Identifier: Apache-2.0
"""/v1/node: the machines of each target and what they are called."""
import dataclasses

from wsme import types as wsme_types

from baas.api import expose
from baas.api import resource
from baas.api import types
from baas import errors
from baas.jobs import choices
from baas.runner import inventory

TARGET = types.choice(*choices.TARGETS)


class Node(resource.Resource):
    """One machine of a target."""
    _path = '/v1/node'
    _plural = 'nodes'
    _key = 'name'

    name = resource.field(str, 'Its name in the inventory.')
    target = resource.field(TARGET, 'The target that it belongs to.')
    baremetal_uuid = resource.field(
        str, 'Its UUID in the Bare Metal service.', null=True)
    baremetal_name = resource.field(
        str, 'Its name in the Bare Metal service.', null=True)
    instance_uuid = resource.field(
        str, 'UUID of the instance that is deployed on it.', null=True)
    problem = resource.field(
        str, 'Why no job may touch it, and what to do; null when nothing is '
        'in the way.', null=True)
    links = resource.field([resource.Link], 'Where it is.')


class Nodes(wsme_types.Base):
    """A page of nodes."""
    nodes = resource.field([Node], 'The nodes, by target and name.')
    links = resource.field([resource.Link],
                           'Where the next page is, if there is one.')


@expose.expose(Nodes, TARGET, types.limit, types.text(255),
               route='GET /v1/node', rule='baas:node:list')
def index(target=None, limit=None, marker=None):
    """List nodes."""
    limit = resource.limit(limit)
    found = [node for node in inventory.nodes()
             if target in (None, node.target)]
    if marker is not None:
        names = [node.name for node in found]
        if marker not in names:
            raise errors.InvalidArgument(
                argument='marker', reason='there is no node of this name')
        found = found[names.index(marker) + 1:]
    return Node.page([_shown(node) for node in found[:limit + 1]], limit)


@expose.expose(Node, types.text(255), route='GET /v1/node/{nodeid}',
               rule='baas:node:show', fails=(404,))
def show(nodeid):
    """Show a node, by its inventory name, its bare metal UUID or name, or
    the UUID of its instance."""
    return Node.one(_shown(inventory.find(nodeid)))


def _shown(node):
    if node.problem:
        return dataclasses.replace(node, problem='{}. {}.'.format(
            *node.problem))
    return node
