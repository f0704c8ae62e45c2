# SPDX-License-Identifier: Apache-2.0
"""Threads to which the kernel answers as it does on other file systems."""
import contextlib
import ctypes
import errno
import platform
import struct
import threading
import unittest

_LIBC = ctypes.CDLL(None, use_errno=True)
# Numbers of link, linkat and renameat2 on one architecture.
LINK, LINKAT, RENAME = 86, 265, 316
NO_LINKS = {LINK: errno.EPERM, LINKAT: errno.EPERM}
"""As on vfat."""
NEITHER = {**NO_LINKS, RENAME: errno.EINVAL}
"""As on many file systems of FUSE."""


def answering(answers, function, *args):
    """Run a function where the kernel refuses some calls; threads that it
    starts are refused them too.

    :param answers: {number of the call: errno}.
    :raises: what the function raises.
    """
    if platform.machine() != 'x86_64':
        raise unittest.SkipTest('The numbers of calls are those of x86_64')
    raised = []

    def run():
        try:
            _refuse(answers)
            function(*args)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    with contextlib.suppress(IndexError):
        raise raised[0]


def _refuse(answers):
    """See seccomp(2): a filter, as struct sock_filter and sock_fprog."""
    words = [struct.pack('HBBI', 0x20, 0, 0, 0)]
    for number, error in answers.items():
        words += [struct.pack('HBBI', 0x15, 0, 1, number),
                  struct.pack('HBBI', 0x06, 0, 0, 0x00050000 | error)]
    words.append(struct.pack('HBBI', 0x06, 0, 0, 0x7fff0000))
    code = ctypes.create_string_buffer(b''.join(words))
    program = struct.pack('HxxxxxxQ', len(words), ctypes.addressof(code))
    for arguments in ((38, 1, 0, 0, 0), (22, 2, program, 0, 0)):
        if _LIBC.prctl(*arguments):
            raise unittest.SkipTest('There are no filters of calls here')


class WithoutLinks:
    """A mixin: all of each test is where there are no hard links."""

    def run(self, result=None):
        """See :class:`unittest.TestCase`."""
        answering(NO_LINKS, super().run, result)
