# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.programs.heal``: takes damaged parts of the
repository of a node out of use, so that its next backup stores them again.

Job file: {"node", "faulty": names of objects that had a fault when they were
read last}. Only what is damaged when it is read again is touched, and a copy
of each such object stays in ``damaged`` of the state folder."""
import pathlib
import shutil
import sys

from baas import keys
from baas.storage import base
from baas.storage import driver
from baas.storage.payloads import restic_cli
from baas.storage.programs import program
from baas.storage import readback


def work(conf, job):
    """Repair the repository of one node.

    :returns: {node, damaged_packs, kept_bytes}.
    """
    node = job.get('node', str)
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf, key.cloud)
    try:
        storage.check()
        job.report(0, 'reading what was damaged again')
        there = readback.inventory(storage, node)
        bad = [fault.name for fault in readback.read(
            storage, [name for name in job.get('faulty', list)
                      if name in there])]
        packs = {name: there[name] for name in bad if '/data/' in name}
        keep = _folder(conf, node, sum(packs.values()))
        job.report(20, 'taking what is damaged out of use')
        with restic_cli.Repository(conf, storage, key, node,
                                   job.folder) as repository:
            repository.repair(
                sorted(name.rpartition('/')[2] for name in packs), keep,
                on_wait=lambda: job.report(
                    20, 'waiting for another user of the repository'))
    finally:
        storage.close()
    return {'node': node, 'damaged_packs': len(packs),
            'kept_bytes': sum(packs.values())}


def _folder(conf, node, size):
    """Make the folder for the copies; give its path."""
    folder = pathlib.Path(conf.state_path) / 'damaged' / node
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        raise base.StorageError(
            storage=str(folder),
            reason=f'{free} bytes are free, and {2 * size} are needed for '
                   'copies of what is damaged',
            remedy='Make space there; copies of earlier repairs may be '
                   'removed')
    return folder


if __name__ == '__main__':
    sys.exit(program.main('heal', work))
