# SPDX-License-Identifier: Apache-2.0
"""What the steps of each kind of job have in common."""
import abc
import contextlib
import functools
import sys

from oslo_config import cfg

from baas.conductor.steps import base
from baas.conf import quiesce
from baas.db import clouds
from baas.jobs import plans
from baas.jobs import variables
from baas import errors
from baas import keys
from baas.storage import driver as storage


class Handler(abc.ABC):
    """One job as its kind sees it.

    :param job: row of the job.
    :param workdir: its :class:`baas.conductor.workdir.Workdir`.
    :ivar preparing: name of the step that nothing was started of yet; it
        stays when that cannot be.
    """

    def __init__(self, job, workdir, conf=cfg.CONF):
        self.job = job
        self.workdir = workdir
        self.conf = conf
        self.results = {}
        self.preparing = None

    @functools.cached_property
    def storage(self):
        """The :class:`baas.storage.base.Storage` that is configured.

        :raises ConfigurationError: it cannot be used as it is configured.
        """
        return storage.load(self.conf, clouds.own(self.conf))

    def has_storage(self):
        """Tell whether there is a storage: what is to be undone on nodes must
        not wait for one."""
        with contextlib.suppress(errors.BaasError):
            return bool(self.storage)
        return False

    def demand(self):
        """Make sure of what a job needs before it begins.

        :raises ConfigurationError: it cannot be used as it is configured.
        """
        return self.storage

    def let_go(self):
        """Close the storage, if it was used."""
        if 'storage' in vars(self):
            self.storage.close()

    @functools.cached_property
    def keys(self):
        """The :class:`baas.keys.MasterKey`.

        :raises KeyFileError: there is none, it cannot be used, or it is that
            of another cloud.
        """
        return clouds.key(self.conf)

    def require_key(self):
        """Make sure that there is a key before a step that undoes nothing;
        what is to be undone must not wait for one.

        :raises KeyFileError: there is none, or it cannot be used.
        """
        return self.keys

    @property
    @abc.abstractmethod
    def nodes(self):
        """Names of the nodes that the job is for and can go on with."""

    def variables(self, name, epoch):
        """Give the variables of the playbook of a step; no secret is among
        them.

        :param name: name of the step.
        :param epoch: number of the lease.
        """
        step = self._step(name)
        return variables.fill(plans.folder(self.job.kind), name, {
            **self.common(epoch, step.nodes), **step.variables(epoch)})

    def step_finished(self, name, progress):
        """Learn from the end of a step.

        :param name: name of the step.
        :param progress: its :class:`baas.runner.progress.Progress`.
        """
        for node, results in progress.results.items():
            self.results.setdefault(node, {}).update(results)
        self._step(name).finished(progress)

    def step_changed(self, name):
        """Learn that a step has gone on."""
        self._step(name).changed()

    def expected_db_outage(self, name):
        """Tell for how many seconds a step may make the service's own
        database go away."""
        return self._step(name).expected_db_outage()

    def _step(self, name):
        return base.load(self.job.kind, name)(self)

    def unreleased(self, name, progress=None):
        """Name the nodes that a step was to release and that may still be
        quiesced (sorted).

        :param name: name of the step.
        :param progress: how it went; None when it could not be run.
        """
        if progress is None:
            return sorted(self._step(name).releases)
        ended = progress.status in ('successful', 'failed')
        return sorted(
            node for node in self._step(name).releases
            if 'release' not in progress.results.get(node, {})
            and not (ended and node in progress.nodes
                     and node not in progress.failures))

    def node_failed(self, node, cause):
        """Learn that a node has failed for good."""

    def all_failed(self):
        """Learn that a step that all nodes need has failed."""

    def remaining_nodes(self):
        """Give the nodes for which the job can go on after a failure."""
        return []

    def close(self):
        """Write what the job has brought about, just before it is done."""

    def common(self, epoch, nodes):
        """Give the variables that every step gets."""
        programs = {'restic': 'restic', 'tar': 'age'}
        self.workdir.program({
            name: self.conf.payload[name]
            for name in {programs[kind] for kind in self.payloads.values()}})
        return {
            'baas_job': self.job.id, 'baas_epoch': epoch,
            'baas_nodes': variables.hosts(nodes),
            'baas_folder': str(self.workdir.path),
            'baas_python': sys.executable,
            'baas_config': [f'--config-file={path}'
                            for path in self.conf.config_file or ()] + [
                f'--config-dir={path}'
                for path in self.conf.config_dir or ()],
        }

    def storage_job(self, step, node, **values):
        """Write the job file of a program of :mod:`baas.storage`.

        :param step: name of the step that runs it.
        :param values: its fields; no secret may be among them.
        :returns: path (str).
        """
        return str(self.workdir.write(f'{step}-{node}.json',
                                      {'node': node, **values}))

    def boot_job(self, step, epoch, node, **values):
        """Write the job file of a program of :mod:`baas.boot`.

        :param step: name of the step that runs it.
        :param values: its fields beside those that all have; no secret may
            be among them.
        :returns: path (str).
        """
        return str(self.workdir.write(f'boot-{step}-{node}.json', {
            'job': self.job.id, 'epoch': epoch, 'step': step, 'node': node,
            'keys': str(self.workdir.rescue / node), **values}))

    def stage_credentials(self, node, opens=False):
        """Put the credentials of a node into the job's secrets.

        :param opens: True when the node has to read what is stored.
        """
        payload = self.payloads[node]
        if payload == 'restic':
            self.workdir.secret(node, 'password',
                                self.keys.node_password(node).encode())
        elif opens:
            self.workdir.secret(node, 'identity',
                                self.keys.node_identity(node).encode())
        for name, path in self.storage.credentials().items():
            with open(path, 'rb') as source:
                self.workdir.secret(node, name, source.read())

    @property
    def units(self):
        """What is quiesced, as a list of lists of globs that stop together."""
        return [together.split() for together in self.conf.quiesce.units]

    @property
    def own_units(self):
        """What is quiesced only because the operator wants it (set of str)."""
        return ({item for together in self.units for item in together}
                - {item for together in quiesce.UNITS
                   for item in together.split()})

    @property
    def payloads(self):
        """Mapping of each node to the kind of payload of its backup; empty
        when nodes are told of none."""
        return {}

    def place(self, node):
        """Give the options that lead a node to where its backups are."""
        payload, share = self.payloads[node], self.storage.share()
        found = {'payload': payload, **({'share': share} if share else {})}
        if payload == 'restic':
            return {**found,
                    'repository': self.storage.node_repository(node),
                    'restic_args': self.storage.restic_args('{run}')}
        found.update(folder=f'{node}/{payload}', store=self.storage.store())
        # Who only undoes has no need of it.
        with contextlib.suppress(keys.KeyFileError):
            found['recipient'] = self.keys.node_recipient(node)
        return found
