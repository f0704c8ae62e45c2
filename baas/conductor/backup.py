# SPDX-License-Identifier: Apache-2.0
"""A job that takes a set: one backup of each node of a target."""
from baas.conductor import cluster
from baas.conductor import kind
from baas.conductor import needs
from baas.conductor import outlook
from baas.db import backups
from baas.db import jobs
from baas.db import session
from baas.db import steps
from baas.jobs import forecast
from baas.jobs import outage
from baas.jobs import states
from baas.storage import base as storage
from baas.storage import readback

_MOMENT = 'moment.json'
_ROOM = 64 << 20  # bytes: less than this is as good as full


class Backup(kind.Kind):
    """See :class:`kind.Kind`."""

    def __init__(self, job, folder, conf):
        super().__init__(job, folder, conf)
        self.backups = {row.node: row for row in backups.of_set(job.id)}
        self.alive = sorted(self.backups)

    def variables(self, step, epoch):
        """See :class:`kind.Kind`."""
        # What was begun on a node is undone there, failed or not.
        nodes = sorted(self.backups) if step == 'release' else self.alive
        if step == 'check':
            # What cannot be understood is refused before any node is asked.
            outlook.max_outage(self.job, self.conf)
            self._check_storage()
        if step == 'prepare':
            for node in nodes:
                self.hand_over(node)
                readback.remember(self.storage, node, self._before(node))
        lost = self._lost() if step == 'release' else {}
        if step == 'moment':
            self._plan_moment(epoch)
        return {
            **self.common(epoch, nodes),
            'baas_stopall': self.job.options['stopall'],
            'baas_moment_job': str(self.folder.path / _MOMENT),
            'baas_leftovers': self._leftovers(),
            'baas_options': {node: self._options(node) for node in nodes},
            'baas_incomplete': ','.join(lost) or 'nobody',
            'baas_storage_jobs': self._storage_jobs(step, lost),
        }

    def take(self, step, seen):
        """See :class:`kind.Kind`."""
        super().take(step, seen)
        if step == 'check' and not seen.failures:
            seen.failures.update(cluster.problems({
                node: self._found(node)['check'] for node in self.alive
                if 'check' in self._found(node)}, self.own_units))
        if step == 'check' and not seen.failures:
            self._foresee(seen)
        if step == 'moment':
            self._measure()
        for node, row in self.backups.items():
            found = self._found(node)
            removed = found.get('remove', {})
            if (step == 'verify' and 'verify' in found
                    and node not in seen.failures):
                self._complete(node, {**found['capture'], **found['verify']})
            elif (step == 'release' and 'whole' in removed
                    and removed['backup'] == row.id):
                # Whoever signed it died before it was written down.
                self._complete(node, removed['whole'])

    def absence(self, step):
        """See :class:`kind.Kind`: the moment may take the database along."""
        carried = any('database' in self._found(node).get(
            'check', {}).get('carries', ()) for node in self.alive)
        if step != 'moment' or not carried:
            return 0
        return outlook.within(self.conf) + self.conf.moment.settle

    def lose(self, node, cause):
        """See :class:`kind.Kind`."""
        if node in self.alive:
            self.alive.remove(node)
            backups.move(self.backups[node].id, 'fail', error=cause,
                         epoch=self.job.epoch)

    def lose_all(self):
        """See :class:`kind.Kind`."""
        self.alive = []

    def survivors(self):
        """See :class:`kind.Kind`."""
        return self.alive

    def _found(self, node):
        return self.results.get(node, {})

    def _options(self, node):
        repository = self.repository(node)
        capture = {**repository, **self._room(), 'host': node,
                   'backup': self.backups[node].id,
                   'parent': backups.parent(node)}
        return {
            'check': self._look(),
            # One idle member is enough; the last is the least likely to be
            # the one that carries the virtual address.
            'prepare': {**repository, 'dump': node == max(self.backups)},
            'seed': capture,
            'rest': {'units': self.units, 'way': self.conf.moment.way,
                     'within': outlook.within(self.conf)},
            # Done in the moment where a file system has no snapshots; the
            # step finds it done only if it asks for the very same.
            'snapshot': {'capture': capture},
            'settle': {'wait': self.conf.moment.settle},
            'capture': capture,
            'release': repository,
        }

    def _room(self):
        return {'excludes': self.conf.payload.excludes,
                **self.conf.snapshot}

    def _look(self):
        return {
            **self._room(), 'stopall': self.job.options['stopall'],
            'units': self.units if self.job.options['stopall'] else [],
            'way': self.conf.moment.way,
            'needs': needs.addresses(self.conf)
            if self.job.options['stopall'] else {},
            # Nothing to look for: whoever allows it has been warned.
            'storage': {} if self.conf.storage.allow_on_target
            else self.storage.node_facts()}

    def _foresee(self, seen):
        """Write down what the backup will cost, if all nodes have answered.

        :raises baas.jobs.forecast.OutageTooLong: it is more than it may.
        """
        found = {node: self._found(node)['check'] for node in self.alive
                 if 'check' in self._found(node)}
        if len(found) < len(self.alive):
            return
        foreseen = outlook.look(self.job, found, self.conf)
        seen.notes += [('warning', node, said)
                       for node, said in self._own_parts(found)]
        jobs.foresee(self.job.id, self.job.epoch, foreseen)
        seen.notes += [('info', None, said)
                       for said in foreseen['sentences']]
        forecast.check(foreseen)

    def _own_parts(self, found):
        for node, result in sorted(found.items()):
            if result.get('carries'):
                yield node, ('The node carries what this service needs '
                             f'({", ".join(result["carries"])}): it may not '
                             'answer while services rest.')

    def _measure(self):
        """Write down what the moment has cost, however it ended."""
        stopall = self.job.options['stopall']
        of_clients = outage.of_clients(self.results)
        for node, row in self.backups.items():
            measured = outage.of_node(self._found(node), stopall)
            backups.measure(
                row.id, epoch=self.job.epoch,
                way=outlook.way(self.job, self.conf),
                client_outage_seconds=of_clients, **measured)

    def _plan_moment(self, epoch):
        """Write the job file of :mod:`baas.moment`."""
        conf, rests = self.conf.moment, self.job.options['stopall']
        most = outlook.max_outage(self.job, self.conf)
        self.folder.write(_MOMENT, {
            'job': self.job.id, 'epoch': epoch, 'max_outage': most,
            'within': outlook.within(self.conf), 'probes': conf.probes,
            'nodes': {node: {
                'rest': options['rest'] if rests else None,
                'snapshot': options['snapshot'], 'resume': {},
                'silence': conf.silence, 'max_outage': most}
                for node, options in (
                    (node, self._options(node)) for node in self.alive)}})

    def _check_storage(self):
        """Look at the storage before any node is touched.

        :raises baas.storage.base.StorageError: it does not work, or has less
            room than the last set took.
        """
        self.storage.check()
        free, needed = self.storage.free(), _ROOM
        for node in self.alive:
            last = backups.page(filters={
                'node': node, 'status': states.AVAILABLE}, limit=1)
            needed += last[0].stored_bytes or 0 if last else 0
        if free is not None and free < needed:
            raise storage.StorageError(
                storage=self.storage.location,
                reason=f'{free >> 20} MiB are free, and {needed >> 20} MiB '
                       f'are needed, going by the last backups',
                remedy='Delete backups that are no longer needed, or give '
                       'the storage more room')

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
        return {node: self.storage_job(step, node, incomplete=True,
                                       backup=ids[0], others=ids[1:])
                for node, ids in lost.items()}

    def _before(self, node):
        return str(self.folder.path / f'before-{node}.json')

    def _verify(self, node):
        row, found = self.backups[node], self._found(node)
        return self.storage_job(
            'verify', node, backup=row.id, before=self._before(node),
            capture=found.get('capture'),
            manifest={
                'set': row.set_id, 'name': row.name, 'target': row.target,
                'created': row.created_at.isoformat() + 'Z',
                'stopall': row.stopall, 'versions': {},
                'rested': found.get('rest', {}).get('stopped', []),
                'outage_seconds': found.get('resume', {}).get('outage', 0.0)})

    def _complete(self, node, stored):
        columns = ('snapshot', 'manifest_sha256', 'size_bytes', 'files',
                   'stored_bytes')
        backups.move(self.backups[node].id, 'finish', epoch=self.job.epoch,
                     verified_at=session.utcnow(),
                     **{name: stored[name] for name in columns})

    def _lost(self):
        """Give the ids of backups of which something may be stored although
        they never became whole, by node: those of this set, and earlier ones
        that the storage may have been away for."""
        begun = any(row.name in ('moment', 'capture') and row.started_at
                    for row in steps.of(self.job.id))
        lost = {}
        for row in backups.of_set(self.job.id) if begun else ():
            own = [] if row.status == states.AVAILABLE else [row.id]
            ids = own + backups.broken(row.node, row.set_id)
            if ids:
                lost[row.node] = ids
        return lost
