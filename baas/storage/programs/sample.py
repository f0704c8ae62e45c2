# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.programs.sample``: chooses files of a backup to be
held against its node, and reads a few of them back.

Job file: {"node", "backup", "share": 0 to 1, "seed": text, "into": path of
the file that gets an entry of the file list in each line, "read": how many
files are read back}."""
import sys

from baas import keys
from baas.node.system import atomic_file
from baas.storage import driver
from baas.storage import manifest
from baas.storage.programs import program
from baas.storage.verification import sample


def work(conf, job):
    """Choose files of one backup.

    :returns: {backup, node, files: how many it has, chosen, read_files,
        differing: sentences on files that are not stored as the list says}.
    """
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf, key.cloud)
    try:
        job.report(0, 'reading the manifest')
        told = manifest.read(storage, key, job.get('node', str),
                             job.get('backup', str))
        job.report(10, 'choosing files from the file list')
        drawn = sample.draw(conf, job, storage, key, told,
                            job.get('share', (int, float)),
                            job.get('seed', str))
        job.report(60, 'reading some of them back')
        read, differing = sample.differing(
            conf, job, storage, key, told, drawn.chosen,
            job.get('read', int, 0))
    finally:
        storage.close()
    atomic_file.write(job.get('into', str), b''.join(
        line + b'\n' for line in drawn.chosen))
    return {'backup': told['backup'], 'node': told['node'],
            'files': drawn.files, 'chosen': len(drawn.chosen),
            'read_files': read, 'differing': differing}


if __name__ == '__main__':
    sys.exit(program.main('sample', work))
