# SPDX-License-Identifier: Apache-2.0
"""What is stored, as the database has it: a row of a manifest."""
import datetime

from baas.db.catalog import manifests
from baas.jobs import choices
from baas.jobs import measured
from baas.storage import manifest


def rows(storage, cloud, found):
    """Give the columns of backups.

    :param storage: :class:`baas.storage.base.Storage` of the cloud.
    :param cloud: id of the cloud (str).
    :param found: as :func:`baas.storage.catalog.read` gives it.
    :returns: (rows, refused): the columns (list of dicts), and of what makes
        no backup the reason (sentence) by the name of its manifest.
    """
    made, refused = [], {}
    for one, digest in found:
        try:
            row = _row(storage, cloud, one, digest)
            field = manifest.unlike_payload(one) or manifests.misfit(row)
            wrong = field and f'{field} is not as it should be'
        except KeyError as error:
            wrong = f'{error.args[0]} is missing or unknown'
        except (TypeError, ValueError, AttributeError,
                OverflowError) as error:
            wrong = str(error)
        if wrong:
            refused[manifest.path(one['node'], one['backup'])] = (
                'The manifest says what no backup can have: '
                f'{wrong.encode("unicode_escape").decode()}.')
        else:
            made.append(row)
    return made, refused


def _row(storage, cloud, found, digest):
    """Give the columns of a backup from its manifest."""
    payload, mode = found['payload'], found.get('quiesce_mode')
    for name, value, allowed in (
            ('cloud', found.get('cloud', cloud), [cloud]),
            ('target', found['target'], choices.TARGETS),
            ('quiesce_mode', mode, ['stop', 'freeze', 'none', None])):
        if value not in allowed:
            raise ValueError(f'{name} is {value!r}')
    return {
        'id': found['backup'], 'set_id': found['set'], 'name': found['name'],
        'target': found['target'], 'node': found['node'],
        'created_at': _time(found['created']), 'stopall': found['stopall'],
        'cloud_id': cloud, 'location_url': storage.url(found['node']),
        'payload': manifest.kind(found),
        'snapshot': payload.get('snapshot'), 'manifest_sha256': digest,
        'quiesce_mode': None if mode == 'none' else (
            mode or ('stop' if found['stopall'] else None)),
        'set_size': len(found.get('set_nodes', ())) or None,
        'missing_nodes': found.get('missing_nodes'),
        'labels': found.get('labels'), 'expires_at': _time(
            found.get('expires')),
        **{name: payload.get(name) for name in measured.PAYLOAD},
        **{name: found.get(name) for name in measured.OUTAGE}}


def _time(text):
    """Give the naive datetime in UTC of a text, or None of None."""
    return text and datetime.datetime.fromisoformat(
        text).astimezone(datetime.timezone.utc).replace(tzinfo=None)
