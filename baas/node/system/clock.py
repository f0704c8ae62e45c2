# SPDX-License-Identifier: Apache-2.0
"""Time that neither jumps nor stands still while a machine sleeps."""
import time

# The constant has a name from Python 3.7 on.
_BOOTTIME = 7


def boottime():
    """Give the seconds since this boot (float), suspended time included."""
    return time.clock_gettime(_BOOTTIME)


def boot_id():
    """Give what tells this boot from any other (str)."""
    with open('/proc/sys/kernel/random/boot_id') as handle:
        return handle.read().strip()
