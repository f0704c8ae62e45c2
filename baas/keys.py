# SPDX-License-Identifier: Apache-2.0
"""The master key, and all keys that are derived from it."""
import base64
import contextlib
import hashlib
import os
import re
import secrets
import stat
import uuid

from cryptography import exceptions
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf import hkdf
from cryptography.hazmat.primitives import serialization
from baas import bech32
from baas import errors
from baas import minisign
from baas.node.system import atomic_file

KEEP = ('No backup can be read without it, and the copy inside a backup is '
        'of no help: keep one away from this machine.')
"""What is told to who has made a key."""
NOT_COPIED = ('Nobody has shown a copy of the master key, without which no '
              'backup can be read: keep one away from this machine, and run '
              '"baas-manage key confirm" with it.')
"""What is told until somebody has."""
_FORMAT = re.compile(rb'BAAS-KEY-1:([A-Za-z0-9+/]{43}=)\s*')
_SERVICE = 'the service'
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class KeyFileError(errors.ConfigurationError):
    """The file with the master key cannot be used."""
    faultcode = 'baas.key.unusable'
    title = 'Key unusable'


class MasterKey:
    """The one secret that reads and signs everything that is stored.

    :param secret: 32 random bytes.
    """

    def __init__(self, secret):
        self._secret = secret

    def __repr__(self):
        return f'<MasterKey {self.fingerprint}>'

    @property
    def fingerprint(self):
        """Tells one master key from another, and is no secret (str)."""
        public = self.signing_key().public_key().public_bytes(*_RAW)
        return hashlib.sha256(public).hexdigest()[:16]

    @property
    def cloud(self):
        """Id of the cloud that this key is of (a UUID as str): all conductors
        have it, and so has a service that was made anew from the key alone.
        It is no secret."""
        return str(uuid.UUID(bytes=self._derive('cloud')[:16], version=4))

    def node_password(self, node):
        """Derive the password of the restic repository of a node (str)."""
        return base64.b64encode(self._derive(f'restic:{node}')).decode()

    def node_identity(self, node):
        """Derive the age identity that opens the archives of a node (str)."""
        secret = self._derive(f'age:{node}')
        return bech32.encode('age-secret-key-', secret).upper()

    def node_recipient(self, node):
        """Derive the age recipient that the archives of a node are encrypted
        for; it is no secret and opens nothing (str)."""
        private = x25519.X25519PrivateKey.from_private_bytes(
            self._derive(f'age:{node}'))
        return bech32.encode(
            'age', private.public_key().public_bytes(*_RAW))

    def service_identity(self):
        """Derive the age identity that opens the files of the service
        (str)."""
        # No node has a name with a blank.
        return self.node_identity(_SERVICE)

    def service_recipient(self):
        """Derive the age recipient that the files of the service are
        encrypted for (str)."""
        return self.node_recipient(_SERVICE)

    def signing_key(self):
        """Derive the private key that manifests are signed with."""
        return ed25519.Ed25519PrivateKey.from_private_bytes(
            self._derive('manifest'))

    def sign(self, data):
        """Sign bytes; the same bytes always get the same 64 bytes."""
        return self.signing_key().sign(data)

    def verify(self, data, signature):
        """Tell whether a signature of bytes is ours (bool)."""
        try:
            self.signing_key().public_key().verify(signature, data)
        except exceptions.InvalidSignature:
            return False
        return True

    def sign_file(self, data, comment):
        """Sign bytes for whoever has the public key and minisign, see
        :func:`baas.minisign.sign`."""
        return minisign.sign(self.signing_key(), data, comment)

    def verify_file(self, data, text):
        """Tell whether what :meth:`sign_file` gives is ours, and of these
        bytes (bool)."""
        return minisign.verify(self.signing_key().public_key(), data, text)

    def public_key(self):
        """Write what everybody may have to check signatures of files, see
        :func:`baas.minisign.public_key` (str)."""
        return minisign.public_key(
            self.signing_key().public_key().public_bytes_raw(),
            f'backups of cloud {self.cloud}')

    def _derive(self, purpose):
        return hkdf.HKDF(hashes.SHA256(), 32, salt=None,
                         info=purpose.encode()).derive(self._secret)


def create(path):
    """Make a master key; what it is for must not exist yet.

    :param path: file of the key; its folder is made too.
    :returns: :class:`MasterKey`.
    :raises KeyFileError: there is a file already, which stays, or it cannot
        be written.
    """
    with _explained(path):
        try:
            _create(path)
        except FileExistsError:
            require_none(path)
            raise  # pragma: no cover - it was removed at that moment
    return _read(path)


def exists(path):
    """Tell whether there is anything that is called so (bool)."""
    return os.path.lexists(path)


def require_none(path):
    """Refuse to make a key where there is one.

    :raises KeyFileError: there is a file, whatever it holds.
    """
    if exists(path):
        raise KeyFileError(
            reason=f'There is a key file {path} already',
            remedy='Keep it: without it no backup can be read that was made '
                   'with it')


def load(path):
    """Read the master key.

    :param path: file of the key.
    :returns: :class:`MasterKey`.
    :raises KeyFileError: there is no file, or it cannot be used.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        raise KeyFileError(
            reason=f'There is no key file {path}',
            remedy='Put the copy of the master key there, with mode 0600, or '
                   'correct [payload] key_file; where nothing is stored yet, '
                   'run "baas-manage key create"')


def read_copy(text):
    """Read a copy of a master key, from wherever it was kept.

    :param text: what :func:`create` has written, or only what is behind its
        colon (bytes); blanks and ends of lines mean nothing.
    :returns: :class:`MasterKey`.
    :raises KeyFileError: it is none.
    """
    text = b''.join(text.split())
    found = _FORMAT.fullmatch(text) or _FORMAT.fullmatch(
        b'BAAS-KEY-1:' + text)
    if found is None:
        raise KeyFileError(
            reason='What was given is no master key, or a damaged copy',
            remedy='Give the whole line, such as BAAS-KEY-1:..., which has '
                   '55 letters')
    return MasterKey(base64.b64decode(found[1]))


def _read(path):
    with _explained(path):
        with open(path, 'rb') as file:
            found = os.fstat(file.fileno())
            text = file.read(100)
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyFileError(
            reason=f'Other users can get at the key file {path}',
            remedy=f'Run "chmod 0600 {path}", and think about who may have '
                   'read it')
    if found.st_uid != os.geteuid():
        raise KeyFileError(
            reason=f'The key file {path} belongs to another user',
            remedy='Give it to the user that the service runs as')
    match = _FORMAT.fullmatch(text)
    if match is None:
        raise KeyFileError(
            reason=f'{path} is no key file, or a damaged one',
            remedy='Put the copy of the master key there; a new key would '
                   'not open the backups that exist')
    return MasterKey(base64.b64decode(match[1]))


def _create(path):
    path = os.path.abspath(path)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    secret = base64.b64encode(secrets.token_bytes(32))
    atomic_file.create(path, b'BAAS-KEY-1:' + secret + b'\n')


@contextlib.contextmanager
def _explained(path):
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise KeyFileError(
            reason=f'The key file {path} cannot be used: '
                   f'{error.strerror}',
            remedy='Let the service read it, and write to its folder once')
