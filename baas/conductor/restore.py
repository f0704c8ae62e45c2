# SPDX-License-Identifier: Apache-2.0
"""A job that brings a machine back from one backup."""
from baas.boot import driver as boot
from baas.conductor import kind
from baas.db import backups
from baas.db import steps
from baas import manifest
from baas.runner import inventory


class Restore(kind.Kind):
    """See :class:`kind.Kind`.

    :ivar backups: mapping of each node that is restored to the row of its
        backup.
    """

    def __init__(self, job, folder, conf):
        super().__init__(job, folder, conf)
        self.backups = {row.node: row for row in self._sources()}
        self.boot = boot.load(conf)
        self._manifests = {}

    def _sources(self):
        """Give the rows of the backups that are restored."""
        return [backups.get(self.job.backup_id)]

    @property
    def nodes(self):
        """Names of the nodes that are restored (sorted)."""
        return sorted(self.backups)

    @property
    def peers(self):
        """Names of the other nodes of the target."""
        return [node.name for node in inventory.nodes(self.job.target,
                                                      self.conf)
                if node.name not in self.backups]

    def manifest(self, node):
        """Give the manifest of a node's backup, read from the storage, its
        signature checked."""
        if node not in self._manifests:
            self._manifests[node] = manifest.read(
                self.storage, self.keys, node, self.backups[node].id)
        return self._manifests[node]

    def hostname(self, node):
        """Give the short host name that a node has once it is back."""
        return self.manifest(node)['layout']['hostname'].split('.')[0]

    def variables(self, step, epoch):
        """See :class:`kind.Kind`."""
        if step == 'prepare':
            for node in self.nodes:
                self.hand_over(node)
        options = {}
        if step != 'release':  # which must not depend on the storage
            options = {node: self._options(node) for node in self.nodes}
        booted = any(row.name == 'boot' and row.started_at
                     for row in steps.of(self.job.id))
        nodes = ','.join(self.nodes)
        return {
            **self.common(epoch, self.nodes),
            'baas_in_rescue': 'nobody' if booted else nodes,
            'baas_on_disk': nodes if booted else 'nobody',
            'baas_peers': ','.join(
                self.peers if step == 'plan' else self._members()) or 'nobody',
            'baas_hostname': self.hostname(self.nodes[0]) if options else '',
            'baas_forming': 'nobody',
            'baas_rescue': self.boot.connection(),
            'baas_boot_seconds': self.conf.boot.time_limit * 60,
            'baas_options': {
                **options, **{peer: {'check': {}} for peer in self.peers}},
        }

    def _options(self, node):
        payload = self.manifest(node)['payload']
        return {
            'blank': {'root': self.boot.root, 'needed': payload['disk_bytes']},
            'recover': {
                **self.repository(node),
                'root': self.boot.root,
                'layout': self.manifest(node)['layout'],
                'snapshot': payload['snapshot'],
                'files_snapshot': payload['files_snapshot'],
                'files_sha256': payload['files_sha256'],
                'rejoin': self._is_joining(),
                'units': sum(self.units, [])},
            'unhold': {'units': self.units[::-1]},
            'settle': {'wait': self.conf.moment.settle, **self._cluster()},
        }

    def _members(self):
        """Give what the check of the peers that answered has found."""
        return {peer: self.results[peer]['check'] for peer in self.peers
                if 'check' in self.results.get(peer, {})}

    def _is_joining(self):
        """Tell whether a living cluster waits for the node, from which it
        takes the state that its backup has an older copy of."""
        return any(found.get('galera') or found.get('rabbitmq')
                   for found in self._members().values())

    def _cluster(self):
        """Tell what the cluster looks like with the node back in it."""
        members = self._members()
        galera = [peer for peer, found in members.items()
                  if found.get('galera')]
        online = {name for found in members.values()
                  if found.get('pacemaker')
                  for name in found['pacemaker']['online']}
        expected = {}
        if galera:
            expected['galera_size'] = len(galera) + len(self.nodes)
        if online:
            expected['online'] = sorted(online | {
                self.hostname(node) for node in self.nodes})
        return expected
