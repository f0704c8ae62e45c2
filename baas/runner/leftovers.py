# SPDX-License-Identifier: Apache-2.0
"""Ends what Ansible leaves at work when its time is over.

Its workers have sessions of their own, and it may wait for them for as long as
they take. What they have in common is their environment."""
import contextlib
import os
import pathlib
import signal


def end(folder):
    """Kill all processes that have a folder in their environment.

    :param folder: of one run and no other, such as one in its ``PATH``.
    """
    mark = os.fsencode(folder)
    for place in pathlib.Path('/proc').glob('[0-9]*/environ'):
        # It may have ended by itself, or be somebody else's.
        with contextlib.suppress(OSError):
            if mark in place.read_bytes():
                os.kill(int(place.parent.name), signal.SIGKILL)
