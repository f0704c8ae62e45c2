# SPDX-License-Identifier: Apache-2.0
"""The signed description of one backup, stored beside its data."""
import contextlib
import json

from baas import errors
from baas.jobs import measured
from baas.storage import base

FORMAT = 1
PUBLIC_KEY = 'minisign.pub'
"""Name of the public key of a cloud, for people: nobody believes it here."""
_SIGNATURE = '.minisig'
_MOST = 64 << 20
"""Bytes that no manifest comes near to."""
_ABOUT = {'backup': str, 'cloud': str, 'set': str, 'name': str,
          'target': str, 'node': str,
          'created': str, 'stopall': bool, 'quiesce_mode': str,
          'quiesced': list, 'versions': dict, **measured.OUTAGE}
_MORE = {'dump': dict, 'rescue': dict, 'service': dict, 'coverage': dict,
         'set_nodes': list, 'missing_nodes': list, 'labels': dict,
         'expires': str}
_PAYLOAD = {'files_sha256': str, 'disk_bytes': int, **measured.PAYLOAD}
_OF_KIND = {'restic': {'snapshot': str, 'files_snapshot': str},
            'tar': {'archive': dict, 'list': dict}}


class ManifestError(errors.BaasError):
    """A manifest is not what this service signed, or lacks something."""
    code = 409
    faultcode = 'baas.manifest.invalid'
    title = 'Manifest invalid'
    message = 'The manifest of backup {backup} of node {node} {reason}.'
    hint = ('Do not restore this backup: choose another one, and find out '
            'who or what changed the storage.')


def build(about, capture):
    """Make a manifest.

    :param about: {backup, cloud, set, name, target, node, created (ISO 8601),
        stopall, quiesce_mode (``stop``, ``freeze`` or ``none``), quiesced
        (list of units), versions}, what :data:`measured.OUTAGE` names, and
        rescue ({"kernel" and so on: {object, sha256, size}}) where there is
        an image of its rescue system, service ({"archive": {object, sha256,
        size}}) where the files of the service are beside it, dump (as the verb
        ``prepare`` tells of it) on the node that has taken one, coverage
        ({previous_set, gaps}) where it is known what it lacks, set_nodes
        (names of all nodes that its set was to be of), missing_nodes (list of
        names) where it was taken without some of them, and labels ({key:
        value}) and expires (ISO 8601) where it was given any.
    :param capture: result of the verb ``capture`` of the node: {kind,
        files_sha256, disk_bytes, layout} and what :data:`measured.PAYLOAD`
        names; of restic {snapshot, files_snapshot}, of tar {archive, list},
        each {name, size, sha256}.
    :returns: dict.
    :raises ManifestError: something is missing or of the wrong type.
    """
    kind = _pick(about, capture, {'kind': str})
    payload = _pick(about, capture, {
        **_PAYLOAD, **_OF_KIND.get(kind['kind'], {'known kind': str})})
    layout = _pick(about, capture, {'layout': dict})
    more = _pick(about, about, {
        name: kind for name, kind in _MORE.items() if about.get(name)})
    return {'format': FORMAT, **_pick(about, about, _ABOUT),
            'payload': {**kind, **payload}, **layout, **more}


def kind(manifest):
    """Give the kind of payload of a backup (str)."""
    # Until there was a second one it was called otherwise.
    payload = manifest['payload']
    return payload.get('kind') or payload['driver']


def unlike_payload(manifest):
    """Name a field of the payload that is missing or of the wrong type (str);
    None when all is there that a restore needs."""
    payload = manifest['payload']
    return next((name for name, type in {
        **_PAYLOAD, **_OF_KIND[kind(manifest)]}.items()
        if not isinstance(payload[name], type)), None)


def canonical(manifest):
    """Write a manifest as the bytes that are signed: the same for equals."""
    text = json.dumps(manifest, sort_keys=True, separators=(',', ':'),
                      ensure_ascii=True, allow_nan=False)
    return text.encode() + b'\n'


def write(storage, key, manifest):
    """Store a manifest and its signature; again is no error.

    The manifest goes last: where it is there, the backup is whole, and
    nothing that could fail is still to be done.

    :param storage: :class:`baas.storage.base.Storage`.
    :param key: :class:`baas.keys.MasterKey`.
    :returns: the bytes that were signed.
    :raises Exists: another manifest of this backup is there.
    """
    data = canonical(manifest)
    name = path(manifest['node'], manifest['backup'])
    signature = key.sign_file(data, f'backup {manifest["backup"]} of node '
                                    f'{manifest["node"]}').encode()
    stored = _content(storage, name)
    if stored not in (None, data):
        raise base.Exists(
            storage=storage.location,
            reason=f'Another manifest is stored already as {name}',
            remedy='Keep it; take a new backup with an id of its own')
    if _content(storage, PUBLIC_KEY) is None:
        with contextlib.suppress(base.Exists):  # somebody was faster
            storage.write(PUBLIC_KEY, key.public_key().encode())
    if _content(storage, name + _SIGNATURE) != signature:
        # Somebody died between the two writes, with another manifest.
        storage.delete(name + _SIGNATURE)
        storage.write(name + _SIGNATURE, signature)
    if stored is None:
        storage.write(name, data)
    return data


def read(storage, key, node, backup):
    """Read a manifest back.

    :returns: dict.
    :raises baas.storage.base.Missing: there is none.
    :raises ManifestError: the signature is not ours, or it is the manifest
        of another backup.
    """
    return parse(signed(storage, key, node, backup), node, backup)


def parse(data, node, backup):
    """Understand a manifest whose signature is good.

    :param data: what was signed (bytes).
    :returns: dict.
    :raises ManifestError: it is of another format, or of another backup.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise _wrong(node, backup, 'cannot be read')
    if not isinstance(found, dict) or found.get('format') != FORMAT:
        raise _wrong(node, backup, 'is of a format that this release does '
                                   'not know')
    if (found.get('node'), found.get('backup')) != (node, backup):
        raise _wrong(node, backup, 'is that of another backup')
    return found


def signed(storage, key, node, backup):
    """Read a manifest as it is stored, once its signature has proved good.

    :returns: bytes.
    :raises baas.storage.base.Missing: there is none.
    :raises ManifestError: the signature is not ours.
    """
    name = path(node, backup)
    data = _content(storage, name, raises=True)
    try:
        signature = _content(storage, name + _SIGNATURE, raises=True)
    except base.Missing:
        raise _wrong(node, backup, 'has no signature')
    if len(data) > _MOST or len(signature) > _MOST:
        raise _wrong(node, backup, 'is larger than any that this service '
                                   'writes')
    if not key.verify_file(data, signature):
        raise _wrong(node, backup, 'was not signed with this master key, or '
                                   'was changed afterwards')
    return data


def remove(storage, node, backup):
    """Delete a manifest, then its signature; again is no error."""
    storage.delete(path(node, backup))
    storage.delete(path(node, backup) + _SIGNATURE)


def backups(storage, node):
    """List the ids of the backups of a node that are whole (sorted)."""
    names = (entry.name.rpartition('/')[2]
             for entry in storage.list(f'{node}/manifests'))
    return sorted(name[:-len('.json')] for name in names
                  if name.endswith('.json'))


def path(node, backup):
    """Give the name of a manifest in the storage."""
    return f'{node}/manifests/{backup}.json'


def _pick(about, values, wanted):
    for name, kind in wanted.items():
        value = values.get(name)
        # A bool is an int to Python, not to us.
        if not isinstance(value, kind) or (
                isinstance(value, bool) and kind is not bool):
            raise ManifestError(
                backup=about.get('backup'), node=about.get('node'),
                reason=f'cannot be made: {name} is {value!r}',
                hint='Look at what the node said about its capture.')
    return {name: values[name] for name in wanted}


def _content(storage, name, raises=False):
    """Read an object, but hardly more than any of ours has."""
    parts, size = [], 0
    try:
        with storage.open(name) as file:
            while size <= _MOST and (part := file.read(1 << 20)):
                parts.append(part)
                size += len(part)
    except base.Missing:
        if raises:
            raise
        return None
    return b''.join(parts)


def _wrong(node, backup, reason):
    return ManifestError(node=node, backup=backup, reason=reason)
