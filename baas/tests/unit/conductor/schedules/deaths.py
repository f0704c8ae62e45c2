# SPDX-License-Identifier: Apache-2.0
"""Conductors that die at any place of a duty, and several that do it at
once."""
import concurrent.futures
import os
import shutil
import signal
import threading

import sqlalchemy as sa

from baas.db import session

_DONE, _BROKEN = 7, 1
_MOST = 100  # places: many more than there are
_CONDUCTORS, _LOOKS = 4, 3


def at_each_place(case, duty):
    """Kill a conductor in front of each statement and commit of a duty in
    turn, each time with the database as it was; yield the number of each
    place, and of the one that is past the last.

    :param case: a test that has ``folder``, in which the database is.
    :param duty: what the conductor does.
    """
    database, before = case.folder / 'baas.sqlite', case.folder / 'before'
    session.engine().dispose()
    shutil.copy(database, before)
    for place in range(_MOST):
        for left in case.folder.glob('baas.sqlite*'):
            left.unlink()
        shutil.copy(before, database)
        was_killed = _die_at(case, place, duty)
        yield place
        session.engine().dispose()
        if not was_killed:
            return
    case.fail('It has more places than were tried')


def _die_at(case, place, duty):
    """Have another process begin a duty; give whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            _count_down(place)
            duty()
            os._exit(_DONE)
        finally:  # else it would go on as a second run of the tests
            os._exit(_BROKEN)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        case.assertEqual(signal.SIGKILL, os.WTERMSIG(status))
        return True
    case.assertEqual(_DONE, os.waitstatus_to_exitcode(status))
    return False


def _count_down(place):
    engine, left = session.engine(), [place]
    engine.dispose(close=False)

    def count(*_given):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(engine, 'before_cursor_execute', count)
    sa.event.listen(engine, 'commit', count)


def crowd(duty):
    """Have several conductors do a duty some times, all at once; what one of
    them raises is raised."""
    together = threading.Barrier(_CONDUCTORS)

    def conductor():
        together.wait()
        for _look in range(_LOOKS):
            duty()

    with concurrent.futures.ThreadPoolExecutor(_CONDUCTORS) as pool:
        for one in [pool.submit(conductor) for _ in range(_CONDUCTORS)]:
            one.result()
