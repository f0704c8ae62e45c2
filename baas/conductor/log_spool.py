# SPDX-License-Identifier: Apache-2.0
"""Lines for the log of a job that the database could not take yet: kept in a
file, so that neither the absence of the one nor the death of the other loses
them."""
import json
import time

from oslo_log import log

from baas.db import events
from baas.db import session
from baas.node.system import atomic_file

LOG = log.getLogger(__name__)


class Spool:
    """The log of one job, written to the database as soon as it can be.

    :param job_id: id of the job.
    :param path: file for what waits (:class:`pathlib.Path`).
    """

    def __init__(self, job_id, path):
        self._job_id = job_id
        self._path = path

    def add(self, message, **values):
        """Append a line, after those that wait.

        :param values: as those of :func:`baas.db.events.add`.
        """
        line = json.dumps({'message': message, 'at': time.time(), **values})
        if self.flush() and self._write(line):
            return
        with open(self._path, 'a') as file:
            file.write(line + '\n')

    def flush(self):
        """Write what waits to the database; False while that is away."""
        if not self._path.exists():
            return True
        lines = self._path.read_text(errors='replace').splitlines()
        for done, line in enumerate(lines):
            if not self._write(line):
                self._keep(lines[done:])
                return False
        self._path.unlink()
        return True

    def _write(self, text):
        """Write a line; False while the database is away. One that it will
        never take is dropped, for those after it must not wait for ever."""
        try:
            line = json.loads(text)
            age = max(0, time.time() - line.pop('at'))
            events.add(self._job_id, line.pop('message'), age=age, **line)
        except Exception as error:
            if session.is_away(error):
                return False
            LOG.exception('A line for the log of job %s is lost: %s',
                          self._job_id, text)
        return True

    def _keep(self, lines):
        atomic_file.write(self._path, ''.join(line + '\n' for line in lines))
