# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.programs.scrub``: reads back what is stored of a
node, or a share of it, and says which backups are damaged; changes nothing.

Job file: {"node", "backups": SHA-256 of the manifests that are expected by
ids of backups (null: whatever is signed), "share": 0 to 1, "since": seconds,
or null, "longest": seconds, or null, "ages": path of a JSON file with the
seconds since each object was read, by name, "faulty": names of objects with a
fault, "lists": ids of backups whose file list is held against the manifest,
"log": path of the file that gets a line for each object that was read}."""
import dataclasses
import json
import math
import os
import sys
import time

from baas import keys
from baas.storage import base
from baas.storage import driver
from baas.storage import manifest
from baas.storage import paced
from baas.storage.payloads import restic
from baas.storage.payloads import restic_cli
from baas.storage import readback
from baas.storage.programs import program
from baas.storage.verification import objects
from baas.storage.verification import restic_damage

_TASK = 'reading back what is stored'
_MOST = 50  # damages of one backup that are told


def work(conf, job):
    """Read back what is stored of one node.

    :returns: {node, read_files, read_bytes, stored_bytes, damaged_files,
        seconds, unneeded: names of damaged objects that no backup needs,
        backups: {id: {damages, damages_total, age_seconds}}}; an age is the
        time since all of the backup was read, null when some of it never was.
    """
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf, key.cloud)
    try:
        return Scrub(conf, job, paced.paced(storage, conf), key).run()
    finally:
        storage.close()


class Scrub:
    """One look at all that is stored of a node.

    :param job: :class:`baas.program.Job`.
    """

    def __init__(self, conf, job, storage, key):
        self._conf, self._job, self._storage = conf, job, storage
        self._key, self._node = key, job.get('node', str)
        self._began = time.monotonic()
        with open(job.get('ages', str)) as file:
            self._ages = json.load(file)
        self._objects, self._faults, self._read = {}, [], [0, 0]

    def run(self):
        """Read and judge; gives the result, see :func:`work`."""
        job = self._job
        job.report(0, 'reading the manifests')
        self._demand_any()
        told, bad = objects.manifests(
            self._storage, self._key, self._node, job.get('backups', dict))
        self._objects = objects.expected(self._storage, self._node, told)
        self._read_back()
        damages = {id: [damage] for id, damage in bad.items()}
        self._of_objects(told, damages)
        unneeded = self._of_service(told)
        in_restic = {id: one for id, one in told.items()
                     if manifest.kind(one) == 'restic'}
        if in_restic:
            unneeded += self._of_repository(in_restic, damages)
        self._write_gone()
        return {
            'node': self._node, 'read_files': self._read[0],
            'read_bytes': self._read[1],
            'stored_bytes': sum(size for size, _ in self._objects.values()),
            'damaged_files': len(self._faults),
            'seconds': round(time.monotonic() - self._began, 1),
            'unneeded': sorted(unneeded)[:_MOST],
            'backups': {id: self._outcome(id, told, damages)
                        for id in {**told, **bad}}}

    def _demand_any(self):
        """Make sure that this is the storage that was written to: a folder
        that nothing is mounted on is empty, and no damage.

        :raises StorageError: nothing at all is stored of the node.
        """
        storage, node = self._storage, self._node
        if node not in storage.nodes() or not any(
                True for _entry in storage.list(node)):
            raise base.StorageError(
                storage=storage.location,
                reason=f'Nothing at all is stored of {node}',
                remedy='Look whether the right storage is mounted, and '
                       'whether it is whole')

    def _read_back(self):
        job = self._job
        sizes = {name: size for name, (size, _) in self._objects.items()}
        chosen = objects.choose(
            sizes, self._ages, job.get('share', (int, float)),
            since=job.get('since', (int, float), None),
            longest=job.get('longest', (int, float), None),
            faulty=set(job.get('faulty', list, [])))
        digests = {name: digest for name, (_, digest)
                   in self._objects.items() if digest}
        total = sum(sizes[name] for name in chosen)

        def on_read(name, fault):
            self._read[0] += 1
            self._read[1] += sizes[name]
            self._ages[name] = self._began - time.monotonic()
            readback.note(job.get('log', str), name, sizes[name], fault)
            job.report(90 * self._read[1] / max(total, 1), _TASK,
                       bytes_done=self._read[1], bytes_total=total,
                       files_done=self._read[0])

        job.report(0, _TASK, bytes_done=0, bytes_total=total)
        threads = self._conf.verification.files_at_once or max(
            readback.THREADS, os.cpu_count() or 1)
        self._faults = readback.read(
            self._storage, chosen, threads=threads, on_read=on_read,
            digests=digests)

    def _write_gone(self):
        """Name what was read earlier and is not there any more."""
        with open(self._job.get('log', str), 'a') as log:
            for name in sorted(self._ages.keys() - self._objects.keys()):
                log.write(json.dumps({'gone': name}) + '\n')

    def _of_objects(self, told, damages):
        """Add what is wrong with objects beside repositories."""
        faults = {fault.name: fault for fault in self._faults
                  if not fault.name.startswith(f'{self._node}/restic/')}
        for id, one in told.items():
            for name in objects.of_backup(one).keys() & faults.keys():
                damages.setdefault(id, []).append(
                    objects.Damage(name, faults[name].reason))

    def _of_service(self, told):
        """Name what is damaged and that no restore of a backup needs."""
        bad = {fault.name for fault in self._faults}
        return [name for one in told.values()
                for name in objects.of_service(one) if name in bad]

    def _of_repository(self, told, damages):
        self._job.report(90, 'looking for all parts of the backups')
        with restic_cli.Repository(self._conf, self._storage, self._key,
                                   self._node, self._job.folder
                                   ) as repository:
            look = restic_damage.Look(repository, self._storage, told, [
                fault for fault in self._faults
                if fault.name.startswith(f'{self._node}/restic/')]).take()
            self._faults += look.lacking
            for id, found in look.damages.items():
                damages.setdefault(id, []).extend(found)
            for id in self._job.get('lists', list, []):
                if id in told and id not in damages:
                    damages.update(restic_damage.of_list(
                        repository, self._storage, told[id], restic.FILES))
        return look.unneeded

    def _outcome(self, id, told, damages):
        found = damages.get(id, [])
        return {'damages': [dataclasses.asdict(one) for one in found[:_MOST]],
                'damages_total': len(found),
                'age_seconds': None if found else self._age(told[id])}

    def _age(self, told):
        names = list(objects.of_backup(told))
        if manifest.kind(told) == 'restic':
            # Any of it may be needed; what is unneeded is read as well.
            names += [name for name, (_, digest) in self._objects.items()
                      if digest is None]
        age = max((self._ages.get(name, math.inf) for name in names),
                  default=math.inf)
        if math.isinf(age):
            return None
        return age + time.monotonic() - self._began


if __name__ == '__main__':
    sys.exit(program.main('scrub', work))
