# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.programs.remove``: removes one backup of one node,
or what a failed one has left; again is no error.

Job file: {"node", "backup", "payload": its kind, restic by default, "others":
kinds by ids of more that go with it, "incomplete": true to leave data that no
backup refers to for a later removal to clear away}. An incomplete backup that
turns out to be whole is left as it is: what its manifest says is given as
``whole``."""
import hashlib
import sys

from baas.jobs import measured
from baas import keys
from baas.storage import driver
from baas.storage import manifest
from baas.storage import parts
from baas.storage import payloads
from baas.storage.programs import program


def work(conf, job):
    """Remove manifest and data of one backup, or of several.

    :returns: {backup, node, snapshots (how many were removed, of restic),
        freed_bytes}.
    """
    node, backup = job.get('node', str), job.get('backup', str)
    every = {backup: job.get('payload', str, 'restic'),
             **job.get('others', dict, {})}
    incomplete = job.get('incomplete', bool, False)
    key = keys.load(conf.payload.key_file)
    storage = driver.load(conf, key.cloud)
    removed, more = {'snapshots': 0, 'freed_bytes': 0}, {}
    try:
        if incomplete:
            whole = manifest.backups(storage, node)
            every = {one: kind for one, kind in every.items()
                     if one not in whole}
            if backup in whole:
                more = {'whole': _whole(storage, key, node, backup)}
        job.report(0, 'removing the manifest')
        for one in every:
            manifest.remove(storage, node, one)
        for kind in sorted(set(every.values())):
            found = payloads.of(kind).remove(
                conf, job, storage, key, node,
                [one for one in every if every[one] == kind])
            removed = {name: removed[name] + found[name] for name in removed}
        if not incomplete:
            removed['freed_bytes'] += parts.remove(job, storage, key, node)
    finally:
        storage.close()
    return {'backup': backup, 'node': node, **removed, **more}


def _whole(storage, key, node, backup):
    signed = manifest.read(storage, key, node, backup)
    digest = hashlib.sha256(manifest.canonical(signed)).hexdigest()
    return {'manifest_sha256': digest, **{
        name: signed['payload'].get(name)
        for name in ('snapshot', *measured.PAYLOAD)}}


if __name__ == '__main__':
    sys.exit(program.main('remove', work))
