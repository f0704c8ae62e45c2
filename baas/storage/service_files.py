# SPDX-License-Identifier: Apache-2.0
"""The files of the service itself, as they lie beside each backup: a tar.gz
that is encrypted by age, for the master key and for whoever else may have the
service back."""
import contextlib
import grp
import gzip
import io
import os
import pathlib
import pwd
import stat
import subprocess
import tarfile
import zlib

from baas import errors
from baas.node.system import atomic_file

_LIMIT = 60  # seconds
_INSTALL = ('Install age on the conductor, or set [payload] age to where it '
            'is')


def pack(paths):
    """Put files into a tar.gz, by their paths, with the folders above them.

    :param paths: absolute (list of str); what is behind a symbolic link
        counts as the file itself.
    :returns: (bytes, paths of those that could not be read).
    """
    made, unread = io.BytesIO(), []
    with tarfile.open(fileobj=made, mode='w:gz', dereference=True,
                      format=tarfile.PAX_FORMAT) as archive:
        for path in _above(paths):
            with contextlib.suppress(OSError):
                archive.add(path, path[1:], recursive=False)
        for path in sorted(set(paths)):
            try:
                with open(path, 'rb') as file:
                    # What grows meanwhile is longer than was announced.
                    data = file.read()
                    entry = archive.gettarinfo(arcname=path[1:], fileobj=file)
            except OSError:
                unread.append(path)
                continue
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue(), unread


def _above(paths):
    """Name the folders above files, the upper ones first, without the top."""
    return sorted({str(folder) for path in paths
                   for folder in pathlib.Path(path).parents} - {'/'})


def unpack(data, folder):
    """Write the files of a tar.gz below a folder; what is there stays.

    :param data: what :func:`pack` has made (bytes).
    :param folder: path; made where it is missing.
    :returns: {path of a file: ``written``, ``same``, or ``other`` where one is
        there already that is not the same}.
    :raises Conflict: it is no such archive, has what no such archive has, or
        cannot be written; what was written is whole.
    """
    found = {}
    with _explained(), tarfile.open(fileobj=io.BytesIO(data),
                                    mode='r:gz') as archive:
        for entry in archive:
            path = os.path.join(folder, *_parts(entry))
            if entry.isdir():
                _make(path, entry)
            else:
                found[path] = _write(
                    path, archive.extractfile(entry).read(), entry)
    return found


def _parts(entry):
    parts = entry.name.split('/')
    if not (entry.isreg() or entry.isdir()) or not all(parts) or (
            {'.', '..'} & {*parts}):
        raise errors.Conflict(
            reason='The files of the service have a name that leads '
                   f'elsewhere: {entry.name!r}',
            remedy='Trust neither them nor who has stored them')
    return parts


def _make(path, entry):
    with contextlib.suppress(FileExistsError):
        os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
        os.mkdir(path, 0o700)
        _give(path, entry)


def _write(path, data, entry):
    try:
        atomic_file.create(path, data)
    except FileExistsError:
        with contextlib.suppress(OSError), open(path, 'rb') as there:
            return 'same' if there.read() == data else 'other'
        return 'other'
    _give(path, entry)
    return 'written'


def _give(path, entry):
    """Give owner, group and mode to what was made just now. Numbers are those
    of the machine that is lost: names count."""
    if os.geteuid() == 0:
        with contextlib.suppress(KeyError):
            os.chown(path, pwd.getpwnam(entry.uname).pw_uid, -1)
        with contextlib.suppress(KeyError):
            os.chown(path, -1, grp.getgrnam(entry.gname).gr_gid)
    os.chmod(path, stat.S_IMODE(entry.mode) & 0o777)


@contextlib.contextmanager
def _explained():
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error,
            gzip.BadGzipFile) as error:
        raise errors.Conflict(
            reason=f'The files of the service cannot be read: {error}',
            remedy='Take those of another backup')
    except OSError as error:
        raise errors.Conflict(
            reason=f'{error.filename or "A file"} cannot be written: '
                   f'{error.strerror}',
            remedy='Make that possible and run this again: what is there is '
                   'whole, and stays')


def seal(conf, key, data):
    """Encrypt bytes for this service and for all that ``[payload]
    escrow_recipients`` names.

    :param key: :class:`baas.keys.MasterKey`.
    :returns: bytes.
    :raises ConfigurationError: age is not there, or does not do it.
    """
    words = ['--encrypt']
    for recipient in (key.service_recipient(),
                      *conf.payload.escrow_recipients):
        words += ['--recipient', recipient]
    return _age(conf, words, data)


def unseal(conf, key, data):
    """Decrypt what :func:`seal` has made.

    :returns: bytes.
    :raises ConfigurationError: age is not there, or it is of another key.
    """
    # A file in memory: whoever dies leaves no key on a disk.
    secret = os.memfd_create('identity')
    with contextlib.closing(os.fdopen(secret, 'wb', buffering=0)) as file:
        file.write(key.service_identity().encode())
        return _age(conf, ['--decrypt', '--identity',
                           f'/proc/self/fd/{secret}'], data, [secret])


def _age(conf, words, data, descriptors=()):
    program = conf.payload.age
    try:
        ended = subprocess.run(
            [program, *words], input=data, capture_output=True,
            pass_fds=descriptors, timeout=_LIMIT)
    except OSError as error:
        raise errors.ConfigurationError(
            reason=f'{program} cannot be run: {error.strerror}',
            remedy=_INSTALL)
    except subprocess.TimeoutExpired:
        raise errors.ConfigurationError(
            reason=f'{program} has not ended within {_LIMIT} seconds',
            remedy='Look what it waits for')
    if ended.returncode:
        said = ended.stderr.decode(errors='replace').strip().splitlines()
        raise errors.ConfigurationError(
            reason=f'{program} refuses: {(said or ["no word"])[0]}',
            remedy='See that key and recipients are the right ones')
    return ended.stdout
