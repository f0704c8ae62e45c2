# SPDX-License-Identifier: Apache-2.0
"""Signatures and public keys as minisign writes them, so that anybody who has
that program can check what is stored.

What is signed is the BLAKE2b hash of a file; a second signature holds the
first one and the *trusted comment* together. See
https://jedisct1.github.io/minisign/, "Signature format".
"""
import base64
import hashlib

from cryptography import exceptions

_PREHASHED, _KEY = b'ED', b'Ed'
_UNTRUSTED, _TRUSTED = 'untrusted comment: ', 'trusted comment: '


def key_id(public):
    """Give the 8 bytes that tell one public key (32 bytes) from another; the
    program shows them in hexadecimal, the last one first."""
    return hashlib.sha256(public).digest()[:8][::-1]


def public_key(public, comment):
    """Write a public key (32 bytes) as a file for ``minisign -p`` (str).

    :param comment: its first line, for people (one line).
    """
    return (f'{_UNTRUSTED}{comment}\n'
            f'{_encoded(_KEY + key_id(public) + public)}\n')


def sign(private, data, comment):
    """Sign bytes; the same always give the same text.

    :param private: the Ed25519 key
        (:class:`cryptography.hazmat.primitives.asymmetric.ed25519
        .Ed25519PrivateKey`).
    :param comment: what the signature holds for, too (one line).
    :returns: the text of a ``.minisig`` (str).
    """
    signature = private.sign(_hash(data))
    return _text(private.public_key(), signature, comment,
                 private.sign(signature + comment.encode()))


def verify(public, data, text):
    """Tell whether the signature of bytes is that of a key (bool).

    :param public: :class:`cryptography.hazmat.primitives.asymmetric.ed25519
        .Ed25519PublicKey`.
    :param text: what :func:`sign` has given, or anything else (bytes).
    """
    try:
        _, first, comment, second, _ = text.decode().split('\n')
        comment = comment.removeprefix(_TRUSTED)
        signature = base64.b64decode(first)[-64:]
        both = base64.b64decode(second)
        public.verify(signature, _hash(data))
        public.verify(both, signature + comment.encode())
    except (ValueError, exceptions.InvalidSignature):
        return False
    # A bit that nothing is said by is not to flip unseen either.
    return text.decode() == _text(public, signature, comment, both)


def _text(public, signature, comment, both):
    number = key_id(public.public_bytes_raw())
    return (f'{_UNTRUSTED}signature of a backup\n'
            f'{_encoded(_PREHASHED + number + signature)}\n'
            f'{_TRUSTED}{comment}\n{_encoded(both)}\n')


def _hash(data):
    return hashlib.blake2b(data).digest()


def _encoded(data):
    return base64.b64encode(data).decode()
