# SPDX-License-Identifier: Apache-2.0
"""A job that takes a set: one backup of each node of a target."""
from oslo_log import log

from baas.conductor.backup import cluster_check
from baas.conductor.backup import estimate
from baas.conductor.backup import own_dependencies
from baas.conductor.backup import rescue_images
from baas.conductor import handler
from baas.conductor import limits
from baas.conductor import machine
from baas.db import backups
from baas.db import boot_undos
from baas.db import jobs
from baas.db import session
from baas.db import steps
from baas.jobs import forecast
from baas.jobs import measured
from baas.jobs import outage
from baas.jobs import states
from baas.jobs import variables
from baas.storage import readback

LOG = log.getLogger(__name__)
_BARRIER = 'barrier.json'


class Backup(handler.Handler):
    """See :class:`handler.Handler`."""

    def __init__(self, job, workdir, conf):
        super().__init__(job, workdir, conf)
        self.backups = {row.node: row for row in backups.by_set(job.id)}
        self.alive = sorted(self.backups)

    def variables(self, step, epoch):
        """See :class:`handler.Handler`."""
        # What was begun on a node is undone there, failed or not.
        nodes = sorted(self.backups) if step == 'release' else self.alive
        if step == 'check':
            # What cannot be understood is refused before any node is asked.
            limits.max_outage(self.job, self.conf)
            estimate.check_room(self.storage, self.alive)
        if step == 'prepare':
            for node in nodes:
                self.stage_credentials(node)
                if self.payloads[node] == 'restic':
                    readback.remember(self.storage, node, self._before(node))
        lost = self._lost() if step == 'release' else {}
        if step == 'snapshot':
            self._write_barrier_job(epoch)
        return {
            **self.common(epoch, nodes),
            'baas_stopall': self.job.options['stopall'],
            'baas_barrier_job': str(self.workdir.path / _BARRIER),
            'baas_leftovers': self._leftovers(),
            'baas_options': {node: self._options(node) for node in nodes},
            'baas_incomplete': variables.hosts(lost),
            'baas_storage_jobs': self._storage_jobs(step, lost),
        }

    def step_finished(self, step, progress):
        """See :class:`handler.Handler`."""
        super().step_finished(step, progress)
        if step == 'check' and not progress.failures:
            progress.failures.update(cluster_check.problems({
                node: self._found(node)['check'] for node in self.alive
                if 'check' in self._found(node)}, self.own_units))
        if step == 'check' and not progress.failures:
            self._recognize(progress)
        if step == 'check' and not progress.failures:
            self._record_forecast(progress)
        if step == 'prepare':
            progress.notes += rescue_images.warnings(self.results)
        if step == 'snapshot':
            self._measure()
        for node, row in self.backups.items():
            found = self._found(node)
            removed = found.get('remove', {})
            if (step == 'verify' and 'verify' in found
                    and node not in progress.failures):
                self._complete(node, {**found['capture'], **found['verify']})
            elif (step == 'release' and 'whole' in removed
                    and removed['backup'] == row.id):
                # Whoever signed it died before it was written down.
                self._complete(node, removed['whole'])

    def expected_db_outage(self, step):
        """See :class:`handler.Handler`: the barrier may take the database
        along."""
        carried = any('database' in self._found(node).get(
            'check', {}).get('carries', ()) for node in self.alive)
        if step != 'snapshot' or not carried:
            return 0
        return limits.deadman_timeout(
            self.conf) + self.conf.quiesce.health_timeout

    def node_failed(self, node, cause):
        """See :class:`handler.Handler`."""
        if node in self.alive:
            self.alive.remove(node)
            if not backups.move(self.backups[node].id, 'fail', error=cause,
                                epoch=self.job.epoch):
                LOG.info('Backup %s stays what it is: %s',
                         self.backups[node].id, cause)

    def all_failed(self):
        """See :class:`handler.Handler`."""
        self.alive = []

    @property
    def payloads(self):
        """See :class:`handler.Handler`."""
        return {node: row.payload for node, row in self.backups.items()}

    def remaining_nodes(self):
        """See :class:`handler.Handler`."""
        return self.alive

    def _found(self, node):
        return self.results.get(node, {})

    def _options(self, node):
        place = self.place(node)
        capture = {**place, **self._room(), 'host': node,
                   'backup': self.backups[node].id,
                   'parent': backups.parent(node)}
        return {
            'check': self._check_options(node),
            # One idle member is enough; the last is the least likely to be
            # the one that carries the virtual address.
            'prepare': {**place, 'dump': node == max(self.backups)},
            'rescue': rescue_images.options(self.conf, self.storage, node),
            'precopy': capture,
            'quiesce': {'units': self.units, 'mode': self.conf.quiesce.mode,
                        'deadman_timeout': limits.deadman_timeout(self.conf)},
            # Done in the barrier where a file system has no snapshots; the
            # step finds it done only if it asks for the very same.
            'snapshot': {'capture': capture},
            'wait_healthy': {'wait': self.conf.quiesce.health_timeout},
            'capture': capture,
            'release': {**place, 'store': self.storage.store()},
        }

    def _room(self):
        return {'excludes': self.conf.payload.excludes,
                **self.conf.snapshot}

    def _check_options(self, node):
        return {
            **self._room(), 'payload': self.payloads[node],
            'stopall': self.job.options['stopall'],
            'units': self.units if self.job.options['stopall'] else [],
            'mode': self.conf.quiesce.mode, 'share': self.storage.share(),
            'needs': own_dependencies.addresses(self.conf)
            if self.job.options['stopall'] else {},
            # Nothing to look for: whoever allows it has been warned.
            'storage': {} if self.conf.storage.allow_on_target
            else self.storage.node_facts()}

    def _recognize(self, progress):
        """See that the nodes are the machines that they should be."""
        found = {node: self._found(node)['check'] for node in self.alive
                 if 'check' in self._found(node)}
        before = machine.before(self.storage, self.keys, found)
        progress.failures.update(machine.problems(
            found, before,
            self.job.target in self.conf.targets.own_machine))
        progress.notes += machine.warnings(found, before)

    def _record_forecast(self, progress):
        """Write down what the backup will cost, if all nodes have answered.

        :raises baas.jobs.forecast.OutageTooLong: it is more than it may.
        """
        checks = {node: self._found(node)['check'] for node in self.alive
                  if 'check' in self._found(node)}
        if len(checks) < len(self.alive):
            return
        expected = estimate.look(self.job, checks, self.conf)
        progress.notes += own_dependencies.warnings(checks)
        jobs.set_columns(self.job.id, self.job.epoch, forecast=expected)
        progress.notes += [('info', None, sentence)
                           for sentence in expected['summary']]
        forecast.check(expected)

    def _measure(self):
        """Write down the outage, however it ended."""
        stopall = self.job.options['stopall']
        of_clients = outage.of_clients(self.results)
        for node, row in self.backups.items():
            backups.measure(
                row.id, epoch=self.job.epoch,
                quiesce_mode=limits.mode(self.job, self.conf),
                client_outage_seconds=of_clients,
                **outage.of_node(self._found(node), stopall))

    def _write_barrier_job(self, epoch):
        """Write the job file of :mod:`baas.barrier`."""
        conf, quiesces = self.conf.quiesce, self.job.options['stopall']
        most = limits.max_outage(self.job, self.conf)
        self.workdir.write(_BARRIER, {
            'job': self.job.id, 'epoch': epoch, 'max_outage': most,
            'deadman_timeout': limits.deadman_timeout(self.conf),
            'probes': conf.probes,
            'nodes': {node: {
                'quiesce': options['quiesce'] if quiesces else None,
                'snapshot': options['snapshot'], 'resume': {},
                'heartbeat_timeout': conf.heartbeat_timeout,
                'max_outage': most}
                for node, options in (
                    (node, self._options(node)) for node in self.alive)}})

    def _leftovers(self):
        """Name the dead job whose record a node still has, by node."""
        found = {}
        for node in self.alive:
            record = self._found(node).get('check', {}).get('leftover')
            if record and record['job'] != self.job.id:
                found[node] = {'job': record['job'],
                               'epoch': record['epoch']}
        return found

    def _storage_jobs(self, step, lost):
        if step == 'verify':
            return {node: self._verify(node) for node in self.alive}
        return {node: self.storage_job(
            step, node, incomplete=True, backup=list(found)[0],
            payload=list(found.values())[0], others=found)
            for node, found in lost.items()}

    def _before(self, node):
        return str(self.workdir.path / f'before-{node}.json')

    def _verify(self, node):
        row, found = self.backups[node], self._found(node)
        return self.storage_job(
            'verify', node, backup=row.id, before=self._before(node),
            capture=rescue_images.with_disks(found),
            manifest={
                'rescue': found.get('rescue', {}).get('rescue', {}),
                'dump': found.get('prepare', {}).get('dump') or {},
                'set': row.set_id, 'name': row.name, 'target': row.target,
                'created': row.created_at.isoformat() + 'Z',
                'stopall': row.stopall, 'versions': {},
                'quiesced': found.get('quiesce', {}).get('stopped', []),
                'quiesce_mode': limits.mode(self.job, self.conf) or 'none',
                **outage.NONE, **outage.of_node(found, row.stopall)})

    def _complete(self, node, stored):
        columns = ('snapshot', 'manifest_sha256', *measured.PAYLOAD)
        if not backups.move(
                self.backups[node].id, 'finish', epoch=self.job.epoch,
                verified_at=session.utcnow(),
                **{name: stored.get(name) for name in columns}):
            raise boot_undos.LeaseLost(job=self.job.id)

    def _lost(self):
        """Give the kinds by id of backups of which something may be stored
        although they never became whole, by node: those of this set, and
        earlier ones that the storage may have been away for."""
        begun = any(row.name in ('snapshot', 'capture') and row.started_at
                    for row in steps.by_job(self.job.id))
        lost = {}
        for row in backups.by_set(self.job.id) if begun else ():
            own = ({} if row.status == states.AVAILABLE
                   else {row.id: row.payload})
            found = {**own, **backups.failed_since_last(row.node, row.set_id)}
            if found:
                lost[row.node] = found
        return lost
