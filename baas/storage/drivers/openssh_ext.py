# SPDX-License-Identifier: Apache-2.0
"""What OpenSSH's server can do beyond the SFTP protocol; another server says
that it cannot."""
from paramiko import sftp as protocol

_READ = 32 << 10
"""Bytes that any server gives in one answer."""


def free(sftp, path):
    """Ask for the free space below a path.

    :param sftp: a :class:`paramiko.SFTPClient`.
    :returns: bytes, None when the server cannot tell.
    """
    try:
        said = _ask(sftp, 'statvfs@openssh.com', path)
    except OSError:
        return None
    _block, unit, _all, _free, available = (
        said.get_int64() for _ in range(5))
    return unit * available


def sync(sftp, file):
    """Have an open file written to the disk, where the server can.

    :param file: a :class:`paramiko.SFTPFile`.
    """
    try:
        _ask(sftp, 'fsync@openssh.com', file.handle)
    except OSError as error:  # pragma: no cover - OpenSSH can
        if 'unsupported' not in str(error).lower():
            raise


def longest_read(sftp):
    """Ask how much one request may read.

    :returns: bytes; what any server gives when this one does not tell.
    """
    try:
        said = _ask(sftp, 'limits@openssh.com')
    except OSError:
        return _READ
    said.get_int64()  # the longest packet
    return said.get_int64() or _READ


def _ask(sftp, extension, *words):
    _, said = sftp._request(protocol.CMD_EXTENDED, extension, *words)
    return said
