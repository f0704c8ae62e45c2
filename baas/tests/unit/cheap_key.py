# SPDX-License-Identifier: Apache-2.0
"""Keys of restic that cost nothing to open.

restic derives the key of a repository from its password with a scrypt that
takes half a second, anew in each of its processes. That is right, and most of
what tests with a real restic would wait for. The format of keys is in restic's
doc/design.rst, section "Keys, Encryption and MAC"."""
import base64
import hashlib
import json
import os
import pathlib

from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.ciphers import modes
from cryptography.hazmat.primitives import poly1305

from baas.node import paths
from baas.tests.unit.node import base

_CHEAP = {'N': 2, 'r': 1, 'p': 1}


def replace(repository, password):
    """Have the one key of a repository cost nothing; its password and the
    data below it stay as they are.

    :param repository: its folder.
    """
    [path] = pathlib.Path(repository, 'keys').iterdir()
    known = json.loads(path.read_bytes())
    master = _open(_derive(password, known), base64.b64decode(known['data']))
    cheap = {**known, **_CHEAP}
    cheap['data'] = base64.b64encode(
        _seal(_derive(password, cheap), master)).decode()
    content = json.dumps(cheap).encode()
    path.with_name(hashlib.sha256(content).hexdigest()).write_bytes(content)
    path.unlink()


def prepared(verb, options):
    """Do so for what a node program has made.

    :param verb: what it was told; all but ``prepare`` make no repository.
    :param options: of the verb.
    """
    if verb == 'prepare' and options.get('repository', '').startswith('/'):
        with open(paths.work(base.JOB, 'password')) as handle:
            replace(options['repository'], handle.read().rstrip('\n'))


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
