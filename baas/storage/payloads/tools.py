# SPDX-License-Identifier: Apache-2.0
"""Programs on the conductor that a kind of payload needs."""
import subprocess

from baas import errors

_LIMIT = 30  # seconds


def ask(program, *words, remedy):
    """Give what a program says of itself (str).

    :param program: its name or path.
    :param words: its arguments.
    :param remedy: what is to be done when it cannot be run.
    :raises ConfigurationError: that is so, or it takes too long.
    """
    try:
        return subprocess.run(
            [program, *words], stdin=subprocess.DEVNULL, text=True,
            capture_output=True, errors='replace', timeout=_LIMIT).stdout
    except OSError as error:
        why = error.strerror
    except subprocess.TimeoutExpired:
        why = f'it has said nothing for {_LIMIT} seconds'
    raise errors.ConfigurationError(
        reason=f'{program} cannot be run: {why}', remedy=remedy)
