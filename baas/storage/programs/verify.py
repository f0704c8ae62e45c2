# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.programs.verify``: makes sure that a backup is
stored as it was read, then signs for it.

Job file: {"node", "backup", "before": path that readback.remember wrote, or
null to read everything back, "manifest": what baas.storage.manifest.build
calls about, without node, backup and cloud, "capture": result of the capture,
"ages" and "log": as those of :mod:`baas.storage.programs.scrub`, or null,
"damaged": true when other backups of the node are known to be}.
Without "manifest" and "capture" the manifest that is stored says what to
expect."""
import hashlib
import importlib.metadata
import sys
import time

from baas import keys
from baas.storage import driver
from baas.storage import manifest
from baas.storage import paced
from baas.storage import payloads
from baas.storage.programs import program
from baas.storage import rescue


def work(conf, job):
    """Verify one backup of one node.

    :returns: {backup, node, location_url, manifest_sha256, read_files,
        read_bytes, age_seconds, seconds}; the age is the time since all of it
        was read, null when some of it never was.
    """
    began = time.monotonic()
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf, key.cloud)
    try:
        expected = _expected(job, storage, key)
        node = expected['node']
        payload = payloads.of(manifest.kind(expected))
        read = paced.paced(storage, conf)
        count, size, age = payload.verify(conf, job, read, key, expected)
        rescue.verify(job, read, key, expected)
        job.report(99, 'signing')
        signed = manifest.write(storage, key, expected)
        manifest.read(storage, key, node, expected['backup'])
    finally:
        storage.close()
    return {'backup': expected['backup'], 'node': node,
            'location_url': storage.url(node),
            'manifest_sha256': hashlib.sha256(signed).hexdigest(),
            'read_files': count, 'read_bytes': size, 'age_seconds': age,
            'seconds': round(time.monotonic() - began, 1)}


def _expected(job, storage, key):
    node, backup = job.get('node', str), job.get('backup', str)
    about = job.get('manifest', dict, None)
    if about is None:
        return manifest.read(storage, key, node, backup)
    capture = job.get('capture', dict)
    versions = {'baas': _release(), **capture.get('versions', {}),
                **about.get('versions', {})}
    return manifest.build({**about, 'node': node, 'backup': backup,
                           'cloud': key.cloud, 'versions': versions}, capture)


def _release():
    try:
        return importlib.metadata.version('openstack-baas')
    except ModuleNotFoundError:  # pragma: no cover - it is installed
        # A checkout that was not installed.
        return None


if __name__ == '__main__':
    sys.exit(program.main('verify', work))
