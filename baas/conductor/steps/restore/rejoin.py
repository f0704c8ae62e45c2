# SPDX-License-Identifier: Apache-2.0
"""Shared files come from a running member; then services start."""
from baas.conductor.restore import shared_files
from baas.conductor.steps import base
from baas.jobs import variables
from baas.node.cluster import shared_files as archive


class Step(base.Step):
    """Names who gives what, and in which order services start."""

    def variables(self, epoch):
        """See :class:`base.Step`."""
        handler, checks = self.handler, self.handler.cluster.checks
        member = shared_files.source_member(checks)
        # A set has no living member: only one machine comes back to them.
        node = self.nodes[0]
        return {
            'baas_peers': variables.hosts(checks),
            'baas_source_member': member or variables.NOBODY,
            'baas_sync_node': node if member else variables.NOBODY,
            'baas_shared_files': shared_files.common(checks),
            'baas_shared_files_archive': str(
                handler.workdir.secrets / node / archive.ARCHIVE),
            'baas_options': {
                **{peer: {'forget_member': {
                    'host': handler.hostname(node),
                    'ovn': handler.joining(node)}} for peer in checks},
                **{name: {
                    'sync_shared_files': {
                        'shared': shared_files.common(checks)},
                    'start_services': self.start_options(name)}
                    for name in self.nodes}}}

    def start_options(self, node):
        """Give the options of the verb ``start_services`` (dict)."""
        return {'units': self.handler.units[::-1]}
