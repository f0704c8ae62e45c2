# SPDX-License-Identifier: Apache-2.0
"""Processes: is it the same one still, does its group live, and how one goes
on alone or is ended with all that it has started."""
import os
import signal
import time


def start_time(pid):
    """Give when a process started (str), or None when it is no more."""
    try:
        with open('/proc/%d/stat' % pid) as handle:
            fields = handle.read().rpartition(')')[2].split()
    except OSError:
        return None
    return None if fields[0] in 'ZX' else fields[19]


def name(pid):
    """Give the name of a process as the kernel has it, or ''."""
    try:
        with open('/proc/%d/comm' % pid) as handle:
            return handle.read().strip()
    except OSError:
        return ''


def words(pid):
    """Give the command line of a process (list of str), [] without one."""
    try:
        with open('/proc/%d/cmdline' % pid, errors='replace') as handle:
            return handle.read().split('\0')[:-1]
    except OSError:
        return []


def children(pid):
    """Give the processes that another is the parent of (list of int)."""
    found = []
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                with open('/proc/%s/stat' % entry) as handle:
                    fields = handle.read().rpartition(')')[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry))
    return found


def group_lives(group):
    """Tell whether any process of a group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def leave(log):
    """Become a session of one's own, which does not end with who began it.

    :param log: path of the file that gets what it says, after what is there.
    """
    os.setsid()
    told = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in ((0, nothing), (1, told), (2, told)):
        os.dup2(target, number)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def end_group(group, patience=10):
    """End all processes of a group: ask them, wait, and then kill them.

    :param patience: seconds they get to end in order.
    """
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5)):
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return
        wait_for_group(group, seconds)


def wait_for_group(group, seconds):
    """Wait until a group has ended, at most some seconds."""
    until = time.monotonic() + seconds
    while group_lives(group) and time.monotonic() < until:
        time.sleep(0.1)
