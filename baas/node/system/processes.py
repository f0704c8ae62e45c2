# SPDX-License-Identifier: Apache-2.0
"""Processes: is it the same one still, and does its group live?"""
import os


def start_time(pid):
    """Give when a process started (str), or None when it is no more."""
    try:
        with open('/proc/%d/stat' % pid) as handle:
            fields = handle.read().rpartition(')')[2].split()
    except OSError:
        return None
    return None if fields[0] in 'ZX' else fields[19]


def group_lives(group):
    """Tell whether any process of a group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
