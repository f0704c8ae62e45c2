# SPDX-License-Identifier: Apache-2.0
"""What one boot owes, kept in the database while it is at work."""
from baas.db import boot_undos


class Debt:
    """What a job has changed for one node and must put back.

    :param job_id: the restore that makes it.
    :param node: inventory name of the node.
    :param method: name of the boot method.
    :param by: (job id, epoch) of the claim under which the caller acts: that
        of the restore, or of a later job that puts back.
    """

    def __init__(self, job_id, node, method, by):
        self.job_id, self.node, self.method = job_id, node, method
        self._by = by
        row = boot_undos.get(job_id, node)
        self._owed = dict(row.owed) if row and not row.paid_at else {}

    @property
    def is_empty(self):
        """True when nothing is owed."""
        return not self._owed

    def get(self, name):
        """Give what was written under a name, or None."""
        return self._owed.get(name)

    def owe(self, name, value):
        """Write something down, before it is done.

        :param value: anything that JSON can hold, without secrets.
        :raises baas.db.boot_undos.ClaimLost: the caller must not act any more.
        """
        self._write({**self._owed, name: value})

    def settle(self, name):
        """Strike something off, after it was undone."""
        if name in self._owed:
            self._write({key: value for key, value in self._owed.items()
                         if key != name})

    def admit(self):
        """Make sure that the caller may still act.

        :raises baas.db.boot_undos.ClaimLost: it must not.
        """
        boot_undos.admit(*self._by)

    def pay(self):
        """Say that nothing is owed any more."""
        boot_undos.pay(self.job_id, self.node, self._by)

    def fail(self, reason):
        """Say why it could not be put back now."""
        boot_undos.fail(self.job_id, self.node, self._by, reason)

    def _write(self, owed):
        boot_undos.note(self.job_id, self.node, self.method, owed, self._by)
        self._owed = owed
