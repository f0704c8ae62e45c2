# SPDX-License-Identifier: Apache-2.0
"""The one error of the program: a cause, a hint, and what is known so far."""
import errno

_FULL = (errno.ENOSPC, errno.EDQUOT)


def unforeseen(verb, error, where):
    """Give cause and hint of an error that no verb has thought of; a disk
    that ran full is one that people know what to do about.

    :param verb: name of the verb.
    :param error: the exception.
    :param where: where the place in the program is to be read (str).
    """
    if isinstance(error, OSError) and error.errno in _FULL:
        return {'cause': 'There was no room left for %s on this node (%s).'
                % (error.filename or 'a file', verb),
                'hint': 'Make room on this node and try again.'}
    if isinstance(error, OSError) and error.errno == errno.EROFS:
        return {'cause': '%s is in a file system of this node that can only '
                'be read (%s).' % (error.filename or 'A file', verb),
                'hint': 'Look in its kernel log for errors of that disk, mend '
                'it and try again.'}
    return {'cause': '%s failed: %s: %s.' % (
        verb, type(error).__name__, error),
        'hint': 'The place in the program is %s.' % where}


class NodeError(Exception):
    """A verb could not do what it was asked to.

    :ivar cause: one sentence of what is wrong.
    :ivar hint: one sentence of what to do about it.
    :ivar result: what the verb found out nevertheless, or None.
    """

    def __init__(self, cause, hint, result=None):
        super().__init__(cause)
        self.cause = cause
        self.hint = hint
        self.result = result


class Unknown(NodeError):
    """Nobody can tell how a thing is, or whether it is there.

    A question has three answers: the thing is not here, it is well (or not),
    or this. What did not answer is never taken for what is not there: who
    asks goes no further, or asks again.
    """
