# SPDX-License-Identifier: Apache-2.0
"""A job that brings a machine back from one backup."""
import contextlib
import functools
import os

from baas.boot import driver as boot
from baas.conductor import handler
from baas.conductor.restore import cluster
from baas.conductor.restore import machines
from baas.db import backups
from baas.db import steps
from baas import errors
from baas.runner import inventory
from baas.storage import manifest


class Restore(handler.Handler):
    """See :class:`handler.Handler`; its steps are in
    :mod:`baas.conductor.steps.restore`.

    :ivar backups: mapping of each node that is restored to the row of its
        backup. The machine that it is restored onto may have another name.
    :ivar machines: the :class:`machines.Machines` that they are restored
        onto.
    :cvar restores: the kind of job that restores so; one that only plans is
        of another.
    """
    restores = 'restore'

    def __init__(self, job, workdir, conf):
        super().__init__(job, workdir, conf)
        self.backups = {row.node: row for row in self._sources()}
        self.machines = machines.Machines(tuple(self.nodes), job.node)
        self._manifests = {}

    @functools.cached_property
    def boot(self):
        """The :class:`baas.boot.base.Boot` that boots the machines.

        :raises ConfigurationError: there is no such method.
        """
        return boot.load(self.conf)

    def demand(self):
        """See :class:`handler.Handler`."""
        super().demand()
        return self.boot

    def _sources(self):
        """Give the rows of the backups that are restored."""
        return [backups.get(self.job.backup_id)]

    @property
    def nodes(self):
        """See :class:`handler.Handler`: those that are restored (sorted)."""
        return sorted(self.backups)

    @property
    def payloads(self):
        """See :class:`handler.Handler`."""
        return {node: row.payload for node, row in self.backups.items()}

    @property
    def peers(self):
        """Names of the other nodes of the target."""
        return [node.name for node in inventory.nodes(self.job.target,
                                                      self.conf)
                if node.name not in self.machines.lost]

    def members(self):
        """Name all members that the job may have changed something on, as
        they are in the inventory now or were when it planned (sorted)."""
        plan = self.job.plan or {}
        names = {*self.results, *plan.get('reachable_members', ())}
        with contextlib.suppress(errors.BaasError):
            # One with a problem is told nothing new, and may be reached.
            names |= {node.name for node in inventory.nodes(conf=self.conf)
                      if node.target == self.job.target}
        return sorted(names.difference(self.machines.lost))

    @property
    def cluster(self):
        """What the check of the peers that answered has found
        (:class:`baas.conductor.restore.cluster.Cluster`)."""
        return cluster.Cluster({
            peer: self.results[peer]['check'] for peer in self.peers
            if 'check' in self.results.get(peer, {})})

    def expected_cluster(self):
        """Tell what the cluster looks like with the nodes back in it: options
        of the verb ``wait_healthy`` (dict)."""
        brokers = sum(bool(self.found(node, 'recover').get(
            'before', {}).get('rabbitmq')) for node in self.nodes)
        return self.cluster.expected(self.hostnames(), brokers)

    def expected_databases(self, node):
        """Name those of OVN that are in their clusters again once a node is
        back (list of str)."""
        return [one['name'] for one in self.joining(node)]

    def joining(self, node):
        """Give the databases of OVN that join their clusters anew: list of
        {'name', 'address', 'server_id'}; empty before all files are
        written."""
        return [{key: one[key] for key in ('name', 'address', 'server_id')}
                for one in self.found(node, 'recover').get('joining', ())]

    def found(self, node, verb):
        """Give what a verb has said on a node; {} before it was called."""
        return self.results.get(node, {}).get(verb, {})

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

    def hostnames(self):
        """Give those of all nodes that are restored (list of str)."""
        return [self.hostname(node) for node in self.nodes]

    def begun(self):
        """Give the states of the steps that have begun, by name."""
        return {row.name: row.state for row in steps.by_job(self.job.id)
                if row.started_at}

    def rescue(self):
        """Give the variables by which Ansible reaches the rescue systems, by
        node."""
        return {node: self._reach(machine).variables()
                for node, machine in self._mapping().items()}

    def let_in(self):
        """Name the nodes whose rescue system lets us in: another conductor
        has no keys of theirs."""
        return [node for node, machine in self._mapping().items()
                if self.boot.already_running
                or os.path.exists(self._reach(machine).key)]

    def boot_variables(self, name, epoch, *, images=True, before=()):
        """Give the variables that lead to the job files of
        :mod:`baas.boot`: what is to be done, and what may be at work.

        :param name: name of the step that runs a program of it.
        :param images: False when nothing may depend on the storage.
        :param before: names of the steps whose programs may be at work.
        """
        return {
            'baas_boot_jobs': {node: self.boot_job(
                name, epoch, self.machines.of(node), restore=self.job.id,
                **(self._of_image(node) if images else {}),
                power=_power(self.begun())) for node in self.nodes},
            'baas_boot_before': {node: [
                str(self.workdir.path
                    / f'boot-{step}-{self.machines.of(node)}.json')
                for step in before] for node in self.nodes}}

    def _mapping(self):
        return self.machines.mapping(inventory.nodes(self.job.target,
                                                     self.conf))

    def _reach(self, machine):
        return self.boot.reach(machine, self.workdir.rescue / machine.name)

    def _of_image(self, node):
        found = self.manifest(node)
        return {'boot_mode': found['layout'].get('boot'),
                'rescue': found.get('rescue', {})}


def _power(begun):
    """Tell what becomes of the machine: one with half a system on its disk
    must not start it."""
    if 'boot' in begun:
        return 'keep'
    return 'off' if 'recover' in begun else 'before'
