# SPDX-License-Identifier: Apache-2.0
"""What a verb is asked to do."""
from baas.node import errors


class Request:
    """One call of a verb.

    :ivar verb: name of the verb.
    :ivar job: id of the job (str).
    :ivar epoch: how often the job was claimed (int).
    :ivar options: what the verb takes (dict).
    """

    def __init__(self, verb, job, epoch, options):
        self.verb = verb
        self.job = job
        self.epoch = epoch
        self.options = options

    def option(self, name):
        """Give an option that must be there.

        :raises errors.NodeError: it is not.
        """
        if self.options.get(name) in (None, ''):
            raise errors.NodeError(
                'Option %s of %s is missing.' % (name, self.verb),
                'Give it in the file named by --options.')
        return self.options[name]

    def report(self, **progress):
        """Say how far a long verb is; a worker makes that known."""

    def log(self, line):
        """Put a line into the log of the job, if a worker does this."""
