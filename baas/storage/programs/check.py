# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.programs.check``: makes sure that conductor, key,
payload and storage can take a backup; changes nothing.

Job file: {"needed_bytes": free space that is asked for, or null}."""
import sys

from baas import keys
from baas.storage import base
from baas.storage import driver
from baas.storage import payloads
from baas.storage.programs import program
from baas.storage import signed


def work(conf, job):
    """Check all that can be checked without a node.

    :returns: {location, cloud, free_bytes, key_fingerprint} and the
        versions of what the payload takes.
    """
    needed = job.get('needed_bytes', int, 0)
    job.report(0, 'checking the storage')
    versions = payloads.of(conf.payload.kind).require(conf)
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf, key.cloud)
    try:
        storage.check()
        signed.require(storage, key, conf.payload.key_file)
        free = storage.free()
    finally:
        storage.close()
    if free is not None and free < needed:
        raise base.StorageError(
            storage=storage.location,
            reason=f'{free} bytes are free, {needed} are needed',
            remedy='Make space: delete backups or enlarge the storage')
    return {'location': storage.location, 'cloud': key.cloud,
            'free_bytes': free, 'key_fingerprint': key.fingerprint, **versions}


if __name__ == '__main__':
    sys.exit(program.main('check', work))
