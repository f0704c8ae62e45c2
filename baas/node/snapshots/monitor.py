# SPDX-License-Identifier: Apache-2.0
"""What has to stay true while a capture reads: room, and rest."""
import time

from baas.node import errors
from baas.node import journal
from baas.node import snapshots
from baas.node.snapshots import offline

_QUIET = 1.0


class Full(errors.NodeError):
    """A snapshot is spoilt, or about to do harm: there is no more room."""


class Conditions:
    """Looks, when called, at most once a second.

    :raises Full: a snapshot is spoilt, or about to fill what it is in.
    :raises baas.node.errors.NodeError: what is read at rest does not rest
        any more.
    """

    def __init__(self, request, data):
        """Begin to look.

        :param data: the record (dict) as the capture has found it.
        """
        self._options = request.options
        self._kept = snapshots.planned(data)
        # What was read at rest already is not read again.
        self._rests = bool(data.get('at_rest'))
        self._token = data.get('rest_token')
        self._last = -_QUIET

    def __call__(self):
        if time.monotonic() - self._last >= _QUIET:
            self._last = time.monotonic()
            self.look()

    def look(self):
        """Look now."""
        for driver, planned in self._kept:
            for problem in driver.watch(planned, self._options):
                raise Full(problem['cause'], problem['hint'])
        if self._rests:
            data = journal.load()
            offline.refuse_resumed(data)
            if data.get('rest_token') != self._token:
                raise offline.resumed()
