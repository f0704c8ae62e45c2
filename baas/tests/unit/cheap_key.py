# SPDX-License-Identifier: Apache-2.0
"""Keys of restic that cost nothing to open.

restic derives the key of a repository from its password with a scrypt that
takes half a second, anew in each of its processes. That is right, and most of
what tests with a real restic would wait for. The format of keys is in restic's
doc/design.rst, section "Keys, Encryption and MAC"."""
import atexit
import base64
import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers import modes
from cryptography.hazmat.primitives import poly1305

from baas.tests.unit.node import loopdisks

_CHEAP = {'N': 2, 'r': 1, 'p': 1}


def repository(path, password):
    """Make a repository whose one key costs nothing to open.

    It is a copy of what restic has made once: to make one takes as long as to
    open it three times.

    :param path: its folder, which is made.
    """
    folder, master = _made()
    shutil.copytree(folder, path, dirs_exist_ok=True)
    [old] = folder.joinpath('keys').iterdir()
    key = {**json.loads(old.read_bytes()), **_CHEAP}
    key['data'] = base64.b64encode(
        _seal(_derive(password, key), master)).decode()
    content = json.dumps(key).encode()
    keys = pathlib.Path(path, 'keys')
    keys.joinpath(old.name).unlink()
    keys.joinpath(hashlib.sha256(content).hexdigest()).write_bytes(content)


@functools.cache
def _made():
    """Have restic make a repository, once; give its folder and the key that
    its data have, in JSON."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-repository-'))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [loopdisks.RESTIC, '-q', '--no-cache', '-r', str(folder), 'init'],
        check=True, stdout=subprocess.DEVNULL,
        env={**os.environ, 'RESTIC_PASSWORD': 'once'})
    [path] = folder.joinpath('keys').iterdir()
    key = json.loads(path.read_bytes())
    return folder, _open(_derive('once', key), base64.b64decode(key['data']))


def _derive(password, key):
    return hashlib.scrypt(
        password.encode(), salt=base64.b64decode(key['salt']), n=key['N'],
        r=key['r'], p=key['p'], dklen=64, maxmem=1 << 28)


def _open(derived, sealed):
    nonce, text, mac = sealed[:16], sealed[16:-16], sealed[-16:]
    assert mac == _mac(derived, nonce, text)
    return _stream(derived, nonce, text)


def _seal(derived, plain):
    nonce = os.urandom(16)
    text = _stream(derived, nonce, plain)
    return nonce + text + _mac(derived, nonce, text)


def _stream(derived, nonce, text):
    return ciphers.Cipher(algorithms.AES(derived[:32]),
                          modes.CTR(nonce)).encryptor().update(text)


def _mac(derived, nonce, text):
    block = ciphers.Cipher(algorithms.AES(derived[32:48]),
                           modes.ECB()).encryptor().update(nonce)
    return poly1305.Poly1305.generate_tag(derived[48:64] + block, text)
