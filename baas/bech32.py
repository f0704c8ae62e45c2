# SPDX-License-Identifier: Apache-2.0
"""Bech32 (BIP 173), in which age writes its keys."""
_LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
_GENERATOR = (0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)


def encode(prefix, data):
    """Write bytes as text with a checksum.

    :param prefix: what it begins with, in lower case (str).
    :param data: bytes.
    :returns: str in lower case.
    """
    bits = int.from_bytes(data, 'big') << (-8 * len(data) % 5)
    count = (8 * len(data) + 4) // 5
    values = [bits >> 5 * place & 31 for place in reversed(range(count))]
    spread = _spread(prefix)
    checksum = _polymod(spread + values + [0] * 6) ^ 1
    values += [checksum >> 5 * place & 31 for place in reversed(range(6))]
    return f'{prefix}1{"".join(_LETTERS[value] for value in values)}'


def is_whole(prefix, text):
    """Tell whether a text is what :func:`encode` makes of 32 bytes (bool):
    a letter that was mistyped is found.

    :param prefix: as of :func:`encode`.
    """
    begin, _, rest = text.rpartition('1')
    if begin != prefix or len(rest) != 58 or set(rest) - set(_LETTERS):
        return False
    values = [_LETTERS.index(letter) for letter in rest]
    return _polymod(_spread(prefix) + values) == 1


def _spread(prefix):
    return [ord(letter) >> 5 for letter in prefix] + [0] + [
        ord(letter) & 31 for letter in prefix]


def _polymod(values):
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1ffffff) << 5 ^ value
        for place, part in enumerate(_GENERATOR):
            checksum ^= part if top >> place & 1 else 0
    return checksum
