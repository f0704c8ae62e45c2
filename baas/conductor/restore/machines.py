# SPDX-License-Identifier: Apache-2.0
"""Which machine becomes which node."""
import dataclasses

from baas import errors


@dataclasses.dataclass(frozen=True)
class Machines:
    """The machines that nodes are restored onto.

    :ivar nodes: names of the nodes (sorted).
    :ivar onto: inventory name of the machine that becomes the only node;
        None: each node is restored onto its own.
    """
    nodes: tuple
    onto: str = None

    def of(self, node):
        """Give the inventory name of the machine that becomes a node."""
        return self.onto or node

    @property
    def lost(self):
        """Names of the nodes that there are no more afterwards, as they are
        now: what is restored, and what is restored over (sorted)."""
        return sorted({*self.nodes, *map(self.of, self.nodes)})

    def mapping(self, known):
        """Map each node to its machine.

        :param known: the :class:`baas.runner.inventory.Node` of the target.
        :raises NotFound: one of the machines is not among them.
        """
        by_name = {node.name: node for node in known}
        for name in map(self.of, self.nodes):
            if name not in by_name:
                raise errors.NotFound(noun='node', id=name)
        return {node: by_name[self.of(node)] for node in self.nodes}
