# SPDX-License-Identifier: Apache-2.0
"""The way into a storage host: one key that is let in, one that is pinned."""
import os
import random
import socket
import stat
import time

import paramiko

from baas import ssh
from baas.storage import base

KEY = 'storage_key'
"""Name of the private key among the credentials."""
KNOWN_HOSTS = 'storage_known_hosts'
"""Name of the file with the host key among the credentials."""

_CONNECT = 20  # seconds
_ALIVE = 15  # seconds between two signs of life
# Seconds before each further attempt, about. An sshd drops new connections at
# random while ten others have not shown a key yet (sshd_config, MaxStartups).
_PAUSES = (0.5, 1, 2, 4, 8)


def words(run):
    """Give arguments for OpenSSH's client (list of str).

    Nothing but the two files in ``run`` decides who is trusted: neither
    agents nor the files of the user or the machine.

    :param run: folder of the files :data:`KEY` and :data:`KNOWN_HOSTS`.
    """
    return ['-F', '/dev/null', '-i', f'{run}/{KEY}', *ssh.words({
        **ssh.CHECKED, **ssh.pinned(f'{run}/{KNOWN_HOSTS}'),
        'IdentityAgent': 'none', 'ConnectTimeout': _CONNECT,
        'ServerAliveInterval': _ALIVE, 'ServerAliveCountMax': 4})]


def connect(options, location):
    """Connect to a storage host, in several attempts when it is crowded.

    :param options: section [storage_sftp].
    :param location: URL of the storage, for errors.
    :returns: a connected :class:`paramiko.SSHClient`.
    :raises StorageError: it cannot be reached, is not the pinned one, or
        does not let us in.
    """
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    _pin(client, options, location)
    key = _key(options, location)
    try:
        for pause in _PAUSES:
            try:
                _attempt(client, options, key)
                break
            except (paramiko.SSHException, ConnectionResetError) as error:
                if not _is_crowded(error):
                    raise
            # Those that were dropped together come back apart.
            time.sleep(pause * random.uniform(0.5, 1.5))
        else:
            _attempt(client, options, key)
    except Exception as error:
        client.close()
        reason, remedy = _explain(error, options)
        raise base.StorageError(storage=location, reason=reason,
                                remedy=remedy) from error
    transport = client.get_transport()
    transport.set_keepalive(_ALIVE)
    # Each piece of a file is asked for by a small packet that must not wait
    # for others.
    transport.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def _attempt(client, options, key):
    client.connect(
        options.host, options.port, options.user, pkey=key,
        look_for_keys=False, allow_agent=False, timeout=_CONNECT,
        banner_timeout=_CONNECT, auth_timeout=_CONNECT,
        channel_timeout=_CONNECT, transport_factory=_transport)


def _is_crowded(error):
    """Tell whether the server hung up before it said who it is."""
    if 'protocol banner' in str(error):
        # Paramiko keeps the cause there, and a timeout is another one.
        error = error.__context__
    return isinstance(error, (EOFError, ConnectionResetError))


def _transport(sock, **options):
    """Make a transport that likes the ciphers best that processors compute
    themselves, checksum included: the others cost twice as much."""
    transport = paramiko.Transport(sock, **options)
    security = transport.get_security_options()
    security.ciphers = sorted(security.ciphers,
                              key=lambda name: 'gcm' not in name)
    return transport


def _pin(client, options, location):
    path, host = options.known_hosts, options.host
    try:
        client.load_host_keys(path)
    except OSError as error:
        raise base.StorageError(
            storage=location,
            reason=f'The host key cannot be read: {path}: {error.strerror}',
            remedy='Set [storage_sftp] known_hosts to a readable file')
    name = ssh.known_name(host, options.port)
    if client.get_host_keys().lookup(name) is None:
        raise base.StorageError(
            storage=location, reason=f'No host key is pinned for {name}',
            remedy='Get it with "ssh-keyscan -t ed25519 '
                   f'-p {options.port} {host}", compare it with the one on '
                   f'the storage host, and put the line into {path}')


def _key(options, location):
    path = options.private_key
    try:
        mode = os.stat(path).st_mode
        key = paramiko.PKey.from_path(path)
    except OSError as error:
        reason = f'{path}: {error.strerror}'
    except (ValueError, TypeError, paramiko.SSHException):
        reason = f'{path} is no private key without a passphrase'
    else:
        # OpenSSH, which restic uses, refuses such a key.
        if not stat.S_IMODE(mode) & 0o077:
            return key
        reason = f'{path} can be read by other users'
    raise base.StorageError(
        storage=location, reason=f'The private key cannot be used: {reason}',
        remedy='Set [storage_sftp] private_key to a key without passphrase '
               'that belongs to the service, with mode 0600')


def _explain(error, options):
    if isinstance(error, paramiko.BadHostKeyException):
        return (f'{options.host} has another host key than the pinned one',
                'Find out why before anything else; only when the host has '
                'got a new key on purpose, replace its line in '
                f'{options.known_hosts}')
    if isinstance(error, paramiko.AuthenticationException):
        return (f'{options.host} does not let user {options.user} in',
                'Add the public half of '
                f'{options.private_key} to the authorized keys of that user')
    if _is_crowded(error):
        return (f'{options.host} port {options.port} hangs up on new '
                'connections',
                'Raise MaxStartups in the configuration of its sshd, and look '
                'whether a firewall limits connections')
    text = getattr(error, 'strerror', None) or str(error)
    return (f'{options.host} port {options.port} cannot be reached: '
            f'{text or type(error).__name__}',
            'Look whether the storage host is up, its name resolves and no '
            'firewall is between')
