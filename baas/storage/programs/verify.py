# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.programs.verify``: makes sure that a backup is
stored as it was read, then signs for it.

Job file: {"node", "backup", "before": path that readback.remember wrote, or
null to read everything back, "manifest": what baas.storage.manifest.build
calls about, without node, backup and cloud, "capture": result of the capture,
"service": paths of the files of the service that go beside it,
"ages" and "log": as those of :mod:`baas.storage.programs.scrub`, or null,
"damaged": true when other backups of the node are known to be}.
Without "manifest" and "capture" the manifest that is stored says what to
expect."""
import hashlib
import importlib.metadata
import sys
import time

from baas import errors
from baas import keys
from baas.storage import base
from baas.storage import driver
from baas.storage import manifest
from baas.storage import paced
from baas.storage import parts
from baas.storage import payloads
from baas.storage.programs import program
from baas.storage import service_files


def work(conf, job):
    """Verify one backup of one node.

    :returns: {backup, node, location_url, manifest_sha256, read_files,
        read_bytes, age_seconds, seconds, lacks}; the age is the time since all
        of it was read, null when some of it never was; lacks says which files
        of the service are not beside it, and why (list of sentences).
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
        lacks = _add_service_files(conf, job, storage, key, expected)
        parts.verify(job, read, key, expected)
        job.report(99, 'signing')
        signed = manifest.write(storage, key, expected)
        manifest.read(storage, key, node, expected['backup'])
    finally:
        storage.close()
    return {'backup': expected['backup'], 'node': node,
            'location_url': storage.url(node),
            'manifest_sha256': hashlib.sha256(signed).hexdigest(),
            'read_files': count, 'read_bytes': size, 'age_seconds': age,
            'seconds': round(time.monotonic() - began, 1), 'lacks': lacks}


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


def _add_service_files(conf, job, storage, key, expected):
    """Store the files of the service beside a new backup; say what it lacks.

    A backup without them is a backup of its node nevertheless.
    """
    paths = job.get('service', list, [])
    if not paths or job.get('manifest', dict, None) is None:
        return []
    try:
        # Who was here before and died has signed for what he had stored.
        found = manifest.read(storage, key, expected['node'],
                              expected['backup']).get('service')
        if found:
            expected['service'] = found
        return []
    except (base.Missing, manifest.ManifestError):
        pass
    job.report(96, 'storing the files of the service')
    packed, unread = service_files.pack(paths)
    try:
        sealed = service_files.seal(conf, key, packed)
    except errors.ConfigurationError as error:
        return [f'The files of the service are not beside the backup: {error} '
                f'{error.hint}']
    expected['service'] = {'archive': parts.add(
        storage, expected['node'], 'service', sealed)}
    return [f'{path} of the service could not be read, and is not beside the '
            'backup. Let the service read it.' for path in unread]


def _release():
    try:
        return importlib.metadata.version('openstack-baas')
    except ModuleNotFoundError:  # pragma: no cover - it is installed
        # A checkout that was not installed.
        return None


if __name__ == '__main__':
    sys.exit(program.main('verify', work))
