# SPDX-License-Identifier: Apache-2.0
"""What has to stay true while a capture reads: room, and rest."""
import os
import time

from baas.node import at_rest
from baas.node import failure
from baas.node import record
from baas.node import snapshots

_QUIET = 1.0


class Full(failure.NodeError):
    """A file system has no more room for its snapshot."""


class Conditions:
    """Looks, when called, at most once a second.

    :raises Full: a snapshot is about to fill its file system.
    :raises baas.node.failure.NodeError: what is read at rest does not rest
        any more.
    """

    def __init__(self, request, data):
        """Begin to look.

        :param data: the record (dict) as the capture has found it.
        """
        self._share = int(request.options.get('reserve_percent',
                                              snapshots.RESERVE))
        tops = {}
        for one in data['snapshots']:
            tops.setdefault(one['driver'], set()).add(one['mountpoint'])
        self._kept = [
            (driver, [{'mountpoint': os.fsencode(top)}
                      for top in sorted(tops.get(driver.name, ()))])
            for driver in snapshots.DRIVERS]
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
        for driver, mounts in self._kept:
            for problem in driver.room(mounts, self._share):
                raise Full(problem['cause'], problem['hint'])
        if self._rests:
            data = record.load()
            at_rest.refuse_resumed(data)
            if data.get('rest_token') != self._token:
                raise at_rest.resumed()
