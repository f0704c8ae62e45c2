# SPDX-License-Identifier: Apache-2.0
"""The one error of the program: a cause, a hint, and what is known so far."""


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
