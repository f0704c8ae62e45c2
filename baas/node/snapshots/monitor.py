# SPDX-License-Identifier: Apache-2.0
"""What has to stay true while a capture reads: room, and quiesced services."""
import contextlib
import time

from baas.node import errors
from baas.node import journal
from baas.node import snapshots
from baas.node.snapshots import offline

_QUIET = 1.0


class Full(errors.NodeError):
    """A snapshot is spoilt, or about to do harm: there is no more room."""


class Monitor:
    """Looks, when called, at most once a second.

    As a context it looks once more when what is in it fails, for that may be
    what comes of a snapshot without room; the reason is raised instead.

    :raises Full: a snapshot is spoilt, or about to fill what it is in.
    :raises baas.node.errors.NodeError: what is read while quiesced is not
        quiesced any more.
    """

    def __init__(self, request, data):
        """Begin to look.

        :param data: the journal (dict) as the capture has found it.
        """
        self._options = request.options
        self._kept = snapshots.planned(data)
        # What was read while quiesced already is not read again.
        self._quiesced = bool(data.get('offline_mounts'))
        self._token = data.get('quiesce_token')
        self._last = -_QUIET

    def __call__(self):
        if time.monotonic() - self._last >= _QUIET:
            self._last = time.monotonic()
            self.look()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, Full) or not isinstance(error, Exception):
            return
        with contextlib.suppress(errors.Unknown):
            self.look()

    def look(self):
        """Look now."""
        for driver, planned in self._kept:
            for problem in driver.watch(planned, self._options):
                raise Full(problem['cause'], problem['hint'])
        if self._quiesced:
            data = journal.load()
            offline.refuse_resumed(data)
            if data.get('quiesce_token') != self._token:
                raise offline.resumed()
