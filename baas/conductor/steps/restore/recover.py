# SPDX-License-Identifier: Apache-2.0
"""All files are written onto the disks and compared."""
from baas.conductor.steps import base

_STORED = ('snapshot', 'files_snapshot', 'archive', 'list', 'files_sha256')
"""What of a manifest names what is stored."""


class Step(base.Step):
    """Says what is restored, and whether a cluster waits for it."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        return {'baas_rescue': self.handler.rescue(),
                'baas_options': {node: {'recover': self.options(node)}
                                 for node in self.nodes}}

    def options(self, node):
        """Give the options of the verb ``recover`` (dict)."""
        handler, found = self.handler, self.handler.manifest(node)
        payload = found['payload']
        return {
            **handler.place(node),
            **{name: payload[name] for name in _STORED if name in payload},
            'root': handler.boot.root, 'layout': found['layout'],
            'rebuild_disks': not handler.boot.already_running,
            'rejoin': handler.cluster.is_alive(),
            'ovn': handler.cluster.databases(),
            'units': sum(handler.units, [])}
