# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.verify``: makes sure that a backup is stored as it
was read, then signs for it.

Job file: {"node", "backup", "before": path that readback.remember wrote, or
null to read everything back, "manifest": what baas.manifest.build calls about,
without node and backup, "capture": result of the capture}. Without
"manifest" and "capture" the manifest that is stored says what to expect."""
import hashlib
import importlib.metadata
import sys
import time

from baas import errors
from baas import keys
from baas import manifest
from baas.storage import driver
from baas.storage import program
from baas.storage import readback
from baas.storage import restic

FILES = '/files.jsonl'
"""Path of the file list inside its snapshot."""


class Mismatch(errors.BaasError):
    """What is stored is not what the node has read."""
    faultcode = 'baas.backup.mismatch'
    title = 'Backup differs'
    message = 'Backup {backup} of node {node} {reason}.'
    hint = 'Take a new backup; do not trust this one.'


def work(conf, job):
    """Verify one backup of one node.

    :returns: {backup, node, location_url, manifest_sha256, read_files,
        read_bytes, seconds}.
    """
    began = time.monotonic()
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf)
    try:
        expected = _expected(job, storage, key)
        node = expected['node']
        with restic.Repository(conf, storage, key, node,
                               job.folder) as repository:
            count, size = _read_back(job, storage, repository)
            _compare(job, repository, expected)
        job.tell(99, 'signing')
        signed = manifest.write(storage, key, expected)
        manifest.read(storage, key, node, expected['backup'])
    finally:
        storage.close()
    return {'backup': expected['backup'], 'node': node,
            'location_url': storage.url(node),
            'manifest_sha256': hashlib.sha256(signed).hexdigest(),
            'read_files': count, 'read_bytes': size,
            'seconds': round(time.monotonic() - began, 1)}


def _expected(job, storage, key):
    node, backup = job.get('node', str), job.get('backup', str)
    about = job.get('manifest', dict, None)
    if about is None:
        return manifest.read(storage, key, node, backup)
    capture = job.get('capture', dict)
    versions = {'baas': _release(), 'restic': capture.get('restic_version'),
                **about.get('versions', {})}
    return manifest.build({**about, 'node': node, 'backup': backup,
                           'versions': versions}, capture)


def _read_back(job, storage, repository):
    """Read what is new back; gives (number of files, bytes)."""
    found = readback.inventory(storage, repository.node)
    before = readback.remembered(job.get('before', str, None))
    new = {name: size for name, size in found.items()
           if name not in set(before)}
    _read_each(job, storage, repository.node, new)
    return len(new), sum(new.values())


def _read_each(job, storage, node, new):
    task = 'reading back what was stored'
    job.tell(0, task)
    done, total = [0, 0], sum(new.values())

    def on_read(name):
        done[0] += 1
        done[1] += new[name]
        job.tell(70 * done[1] / max(total, 1), task, bytes_done=done[1],
                 bytes_total=total, files_done=done[0])

    # Big files first, so that the threads end at about the same time.
    names = sorted(new, key=new.get, reverse=True)
    readback.demand(node, readback.read(storage, names, on_read=on_read))


def _compare(job, repository, expected):
    payload = expected['payload']
    job.tell(70, 'looking for all parts of the backup')
    tag = f'backup={expected["backup"]}'
    known = {snapshot['id']: snapshot.get('tags') or ()
             for snapshot in repository.snapshots()}
    for name in ('snapshot', 'files_snapshot'):
        if tag not in known.get(payload[name], ()):
            raise _mismatch(expected, f'is not stored: there is no {name} '
                                      f'{payload[name]} with tag {tag}')
    repository.check()
    job.tell(95, 'comparing the file list')
    digest = hashlib.sha256()
    repository.dump(payload['files_snapshot'], FILES, digest.update)
    if digest.hexdigest() != payload['files_sha256']:
        raise _mismatch(expected, 'has another file list than the node wrote')


def _release():
    try:
        return importlib.metadata.version('openstack-baas')
    except importlib.metadata.PackageNotFoundError:
        # A checkout that was not installed.
        return None


def _mismatch(expected, reason):
    return Mismatch(backup=expected['backup'], node=expected['node'],
                    reason=reason)


if __name__ == '__main__':
    sys.exit(program.main('verify', work))
