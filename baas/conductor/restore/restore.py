# SPDX-License-Identifier: Apache-2.0
"""A job that brings a machine back from one backup."""
import os

from baas.boot import driver as boot
from baas.conductor import handler
from baas.conductor import limits
from baas.conductor.restore import healthy_members
from baas.conductor.restore import preview
from baas.conductor.restore import shared_files
from baas.db import backups
from baas.db import jobs
from baas.db import steps
from baas.jobs import plans
from baas.jobs import states
from baas.jobs import variables
from baas.runner import inventory
from baas.storage import manifest

_UNDO = ('release', 'boot_cleanup')


class Restore(handler.Handler):
    """See :class:`handler.Handler`.

    :ivar backups: mapping of each node that is restored to the row of its
        backup. The machine that it is restored onto may have another name.
    :cvar restores: the kind of job that restores so; one that only plans is
        of another.
    """
    restores = 'restore'

    def __init__(self, job, workdir, conf):
        super().__init__(job, workdir, conf)
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

    def machine(self, node):
        """Give the inventory name of the machine that becomes a node."""
        return self.job.node or node

    @property
    def lost(self):
        """Names of the nodes that there are no more afterwards, as they are
        now: what is restored, and what is restored over (sorted)."""
        return sorted({*self.nodes, *map(self.machine, self.nodes)})

    @property
    def payloads(self):
        """See :class:`handler.Handler`."""
        return {node: row.payload for node, row in self.backups.items()}

    @property
    def peers(self):
        """Names of the other nodes of the target."""
        return [node.name for node in inventory.nodes(self.job.target,
                                                      self.conf)
                if node.name not in self.lost]

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
        """See :class:`handler.Handler`."""
        if step == 'prepare':
            for node in self.nodes:
                self.stage_credentials(node, opens=True)
        if step == 'plan':
            # What can be known before anybody is asked; it stays if the
            # manifest cannot be read.
            self._record_plan({})
        options, hosts = {}, []
        if step not in _UNDO:  # which must not depend on the storage
            options = {node: self._options(node) for node in self.nodes}
            hosts = [self.hostname(node) for node in self.nodes]
        # A plan alone has no further steps.
        rows = [row for row in steps.by_job(self.job.id) if row.started_at]
        begun = {row.name: row.state for row in rows}
        booted = 'boot' in begun
        return {
            **self.common(epoch, self.nodes),
            'baas_in_rescue': variables.hosts(
                () if booted else self._in_rescue(begun)),
            'baas_on_disk': variables.hosts(self.nodes if booted else ()),
            'baas_overwritten': variables.hosts(self.lost),
            'baas_peers': variables.hosts(
                self.peers if step == 'plan' else self.members()),
            'baas_hostname': self.hostname(self.nodes[0]) if options else '',
            'baas_bootstrap_hosts': variables.NOBODY,
            'baas_other_members': variables.hosts(self.peers),
            'baas_fencing_suppressor':
                self._fencing_suppressor() or variables.NOBODY,
            'baas_rescue_ready': variables.hosts(
                self.nodes if self.boot.already_running else ()),
            'baas_rescue': {node: self._reach(machine).variables()
                            for node, machine in self._machines().items()},
            **self._boot_jobs(step, epoch, begun),
            **shared_files.told(self),
            'baas_boot_seconds': self.conf.boot.time_limit * 60,
            'baas_options': {**self._options_of_others(hosts), **options},
        }

    def _options_of_others(self, hosts):
        """Give what those are told that are not restored.

        :param hosts: host names of those that are.
        """
        within = 60 * sum(limits.minutes(self.restores, one, self.conf)
                          for one in plans.build(self.restores))
        return {name: {'check': {'shared': self.conf.rejoin.shared_files},
                       'suppress_fencing': {'hosts': hosts,
                                            'deadman_timeout': within}}
                for name in self.peers + self.lost}

    def step_finished(self, step, progress):
        """See :class:`handler.Handler`."""
        super().step_finished(step, progress)
        if step == 'plan':
            healthy_members.refuse_healthy(self, progress)
            plan = self._record_plan(progress.failures)
            progress.notes += [('info', None, said)
                               for said in plan['summary']]

    def _record_plan(self, failures):
        """Write down what is known of what the job will do."""
        plan = preview.look(self, failures)
        jobs.set_columns(self.job.id, self.job.epoch, plan=plan)
        return plan

    def _machines(self):
        known = {node.name: node for node in inventory.nodes(self.job.target,
                                                             self.conf)}
        return {node: known[self.machine(node)] for node in self.nodes}

    def _reach(self, node):
        return self.boot.reach(node, self.workdir.rescue / node.name)

    def _in_rescue(self, begun):
        """Name the nodes whose rescue system runs and lets us in: another
        conductor has no keys of theirs."""
        if not (self.boot.already_running
                or begun.get('rescue') == states.DONE):
            return []
        return [node for node, machine in self._machines().items()
                if os.path.exists(self._reach(machine).key)
                or self.boot.already_running]

    def _boot_jobs(self, step, epoch, begun):
        """Give the variables that lead to the job files of
        :mod:`baas.boot`: what is to be done, and what may be at work."""
        if step not in ('plan', 'rescue', 'boot_cleanup'):
            return {}
        before = [] if step != 'boot_cleanup' else [
            str(self.workdir.path / f'boot-{name}-{{}}.json')
            for name in ('rescue', 'boot_cleanup')]
        return {
            'baas_boot_jobs': {node: self.boot_job(
                step, epoch, self.machine(node), restore=self.job.id,
                **self._of_image(step, node), power=_power(begun))
                for node in self.nodes},
            'baas_boot_before': {
                node: [path.format(self.machine(node)) for path in before]
                for node in self.nodes}}

    def _of_image(self, step, node):
        if step in _UNDO:
            return {}
        found = self.manifest(node)
        return {'boot_mode': found['layout'].get('boot'),
                'rescue': found.get('rescue', {})}

    def _options(self, node):
        payload = self.manifest(node)['payload']
        return {
            'check': {},
            'check_disk': {'root': self.boot.root,
                           'needed': payload['disk_bytes'],
                           'payload': self.payloads[node]},
            'recover': {
                **self.place(node), **self._stored(payload),
                'root': self.boot.root,
                'layout': self.manifest(node)['layout'],
                'rebuild_disks': not self.boot.already_running,
                'rejoin': self._is_joining(),
                'units': sum(self.units, [])},
            'sync_shared_files': {'shared': shared_files.common(self)},
            'start_services': {'units': self.units[::-1]},
            'wait_healthy': {'wait': self.conf.quiesce.health_timeout,
                             **self._cluster()},
        }

    def _stored(self, payload):
        """Tell what of a manifest names what is stored."""
        return {name: payload[name] for name in (
            'snapshot', 'files_snapshot', 'archive', 'list', 'files_sha256')
            if name in payload}

    def members(self):
        """Give what the check of the peers that answered has found."""
        return {peer: self.results[peer]['check'] for peer in self.peers
                if 'check' in self.results.get(peer, {})}

    def _fencing_suppressor(self):
        """Name the member that keeps the cluster from fencing."""
        return next((peer for peer, found in sorted(self.members().items())
                     if found.get('pacemaker')), None)

    def _is_joining(self):
        """Tell whether a living cluster waits for the node, from which it
        takes the state that its backup has an older copy of."""
        return any(found.get('galera') or found.get('rabbitmq')
                   for found in self.members().values())

    def _cluster(self):
        """Tell what the cluster looks like with the node back in it."""
        members = self.members()
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


def _power(begun):
    """Tell what becomes of the machine: one with half a system on its disk
    must not start it."""
    if 'boot' in begun:
        return 'keep'
    return 'off' if 'recover' in begun else 'before'
