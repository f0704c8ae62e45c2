# SPDX-License-Identifier: Apache-2.0
"""Which service writes to the folder of a cloud: a storage has one writer.

Two services with one key, such as one that was made anew beside the one that
it was to replace, would each remove what the other knows nothing of. The
first that writes leaves a marker, ``owner/1``, and whoever adopts the folder
a further one; the last counts, and none is ever changed or removed. Objects
are never overwritten: of two services that come at once one has it.
"""
import base64
import binascii
import dataclasses
import json

from baas.storage import base

FOLDER = 'owner'
_PURPOSE = b'baas-owner-1\n'
"""In front of what is signed, so that it is no other thing that is."""


class ForeignOwner(base.StorageError):
    """The storage belongs to another service."""
    code = 409
    faultcode = 'baas.storage.foreign_owner'
    title = 'Storage of another service'


class UnknownOwner(base.StorageError):
    """There is a marker, and it does not prove whose it is."""
    code = 409
    faultcode = 'baas.storage.unknown_owner'
    title = 'Owner unknown'


@dataclasses.dataclass(frozen=True)
class Owner:
    """What a marker says.

    :ivar cloud: id of the cloud.
    :ivar instance: id of the service.
    :ivar host: machine of the conductor that wrote it.
    :ivar since: when it did (ISO 8601, UTC).
    :ivar replaced: id of the service that it was adopted from; None for the
        first.
    """
    cloud: str
    instance: str
    host: str
    since: str
    replaced: str = None

    def __str__(self):
        return f'instance {self.instance} on {self.host}, since {self.since}'


def read(storage, key):
    """Give the owner of the folder of a cloud.

    :param storage: :class:`baas.storage.base.Storage` of the cloud.
    :param key: :class:`baas.keys.MasterKey`.
    :returns: :class:`Owner`; None where nobody has written yet.
    :raises UnknownOwner: a marker is no marker, or not signed with this key.
    :raises StorageError: the storage cannot be asked.
    """
    last = _last(storage)
    return _read(storage, key, last) if last else None


def look(storage, key, instance):
    """Make sure that no other service is the owner; nothing is written.

    :param instance: id of this service.
    :returns: the :class:`Owner`; None where nobody has written yet.
    :raises ForeignOwner: another one is.
    :raises StorageError: see :func:`read`: what is not known is not "none".
    """
    return _judge(storage, read(storage, key), instance)


def claim(storage, key, mine):
    """Become the owner where nobody is; again changes nothing.

    :param mine: the :class:`Owner` that this service would be.
    :returns: the :class:`Owner` that it is.
    :raises ForeignOwner: another one is, or was faster.
    :raises StorageError: see :func:`read`.
    """
    found = look(storage, key, mine.instance)
    if found is None:
        _write(storage, key, mine, 1)
        # A share may still list what it had before.
        found = look(storage, key, mine.instance) or _judge(
            storage, _read(storage, key, 1), mine.instance)
    return found


def adopt(storage, key, mine, seen):
    """Become the owner in the place of another service.

    :param mine: the :class:`Owner` that this service would be.
    :param seen: the :class:`Owner` that is to be replaced.
    :returns: the :class:`Owner` that it is.
    :raises ForeignOwner: the owner is another one than was seen, or somebody
        else has adopted it meanwhile.
    :raises StorageError: see :func:`read`.
    """
    last = _last(storage)
    if last and _read(storage, key, last) == seen:
        _write(storage, key, dataclasses.replace(
            mine, replaced=seen.instance), last + 1)
    return look(storage, key, mine.instance)


def _judge(storage, found, instance):
    if found and found.instance != instance:
        raise ForeignOwner(
            storage=storage.location,
            reason=f'It belongs to {found}, and this is instance {instance}',
            remedy='If that service is gone for good, run "baas-manage '
                   'storage adopt"; if it is not, let only one of both take '
                   'and delete backups')
    return found


def _last(storage):
    """Give the number of the last marker; 0 where there is none."""
    found = [entry.name.removeprefix(f'{FOLDER}/')
             for entry in storage.list(FOLDER)]
    strange = sorted(name for name in found
                     if not name.isdecimal() or str(int(name)) != name)
    if strange:
        raise _unknown(storage, strange[0], 'is no marker')
    return max(map(int, found), default=0)


def _read(storage, key, number):
    with storage.open(f'{FOLDER}/{number}') as file:
        data = file.read()
    try:
        whole = json.loads(data)
        signature = base64.b64decode(whole.pop('signature'), validate=True)
        owner = Owner(**whole)
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
        raise _unknown(storage, number, 'cannot be read')
    if not key.verify(_signed(owner), signature):
        raise _unknown(storage, number, 'was not signed with this master '
                                        'key, or was changed afterwards')
    if owner.cloud != key.cloud:
        raise _unknown(storage, number, 'is that of another cloud')
    return owner


def _write(storage, key, owner, number):
    data = {**dataclasses.asdict(owner),
            'signature': base64.b64encode(key.sign(_signed(owner))).decode()}
    try:
        storage.write(f'{FOLDER}/{number}',
                      json.dumps(data, indent=1).encode() + b'\n')
    except base.Exists:
        pass  # somebody was faster: who, the next look tells


def _signed(owner):
    return _PURPOSE + json.dumps(
        dataclasses.asdict(owner), sort_keys=True).encode()


def _unknown(storage, name, reason):
    return UnknownOwner(
        storage=storage.location,
        reason=f'The marker {FOLDER}/{name} of its owner {reason}',
        remedy='Find out who or what wrote it; only where no other service '
               'writes to this folder may it be removed, by hand')
