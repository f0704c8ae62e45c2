# SPDX-License-Identifier: Apache-2.0
"""The undos of one boot, kept in the database while it is at work."""
from baas.db import boot_undos


class BootUndo:
    """What a job has changed for one node and must put back.

    :param job_id: the restore that makes it.
    :param node: inventory name of the node.
    :param method: name of the boot method.
    :param by: (job id, epoch) of the lease under which the caller acts: that
        of the restore, or of a later job that puts back.
    """

    def __init__(self, job_id, node, method, by):
        self.job_id, self.node, self.method = job_id, node, method
        self._by = by
        row = boot_undos.get(job_id, node)
        self._undos = dict(row.undo) if row and not row.undone_at else {}

    @property
    def is_empty(self):
        """True when nothing is pending."""
        return not self._undos

    def get(self, name):
        """Give what was written under a name, or None."""
        return self._undos.get(name)

    def add(self, name, value):
        """Write something down, before it is done.

        :param value: anything that JSON can hold, without secrets.
        :raises baas.db.boot_undos.LeaseLost: the caller must not act any more.
        """
        self._write({**self._undos, name: value})

    def clear(self, name):
        """Strike something off, after it was undone."""
        if name in self._undos:
            self._write({key: value for key, value in self._undos.items()
                         if key != name})

    def check_lease(self):
        """Make sure that the caller may still act.

        :raises baas.db.boot_undos.LeaseLost: it must not.
        """
        boot_undos.check_lease(*self._by)

    def finish(self):
        """Say that nothing is pending any more."""
        boot_undos.finish(self.job_id, self.node, self._by)

    def fail(self, reason):
        """Say why it could not be put back now."""
        boot_undos.fail(self.job_id, self.node, self._by, reason)

    def _write(self, undos):
        boot_undos.save(self.job_id, self.node, self.method, undos, self._by)
        self._undos = undos
