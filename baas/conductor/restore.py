# SPDX-License-Identifier: Apache-2.0
"""A job that brings a machine back from one backup."""
from baas.boot import driver as boot
from baas.conductor import kind
from baas.db import backups
from baas.db import steps
from baas import manifest
from baas.runner import inventory


class Restore(kind.Kind):
    """See :class:`kind.Kind`."""

    def __init__(self, job, folder, conf):
        super().__init__(job, folder, conf)
        self.backup = backups.get(job.backup_id)
        self.boot = boot.load(conf)
        self._manifest = None

    @property
    def peers(self):
        """Names of the other nodes of the target."""
        return [node.name for node in inventory.nodes(self.job.target,
                                                      self.conf)
                if node.name != self.job.node]

    @property
    def manifest(self):
        """The manifest, read from the storage, its signature checked."""
        if self._manifest is None:
            self._manifest = manifest.read(
                self.storage, self.keys, self.job.node, self.backup.id)
        return self._manifest

    def variables(self, step, epoch):
        """See :class:`kind.Kind`."""
        if step == 'prepare':
            self.hand_over(self.job.node)
        options = {}
        if step != 'release':  # which must not depend on the storage
            options = self._options()
        booted = any(row.name == 'boot' and row.started_at
                     for row in steps.of(self.job.id))
        return {
            **self.common(epoch, [self.job.node]),
            'baas_in_rescue': 'nobody' if booted else self.job.node,
            'baas_on_disk': self.job.node if booted else 'nobody',
            'baas_peers': ','.join(
                self.peers if step == 'plan' else self._members()) or 'nobody',
            'baas_rescue': self.boot.connection(),
            'baas_boot_seconds': self.conf.boot.time_limit * 60,
            'baas_hostname': options.get('hostname', ''),
            'baas_options': {
                self.job.node: options,
                **{peer: {'check': {}} for peer in self.peers}},
        }

    def _options(self):
        payload = self.manifest['payload']
        layout = self.manifest['layout']
        return {
            'hostname': layout['hostname'].split('.')[0],
            'blank': {'root': self.boot.root, 'needed': payload['disk_bytes']},
            'recover': {
                **self.repository(self.job.node),
                'root': self.boot.root, 'layout': layout,
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
            expected['galera_size'] = len(galera) + 1
        if online:
            expected['online'] = sorted(online | {
                self.manifest['layout']['hostname'].split('.')[0]})
        return expected
