# SPDX-License-Identifier: Apache-2.0
"""What the kernel tells of devices."""
import os


def read(*names):
    """Give the content of a small file without white space around it (str),
    '' when it is not there or cannot be read.

    :param names: parts of its path.
    """
    try:
        with open(os.path.join(*names)) as handle:
            return handle.read().strip()
    except OSError:
        return ''
