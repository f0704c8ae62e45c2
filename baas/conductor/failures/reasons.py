# SPDX-License-Identifier: Apache-2.0
"""What the machine of the conductor lacks for a job to go on: words for it,
and what becomes of the job."""
import errno
import os

from oslo_config import cfg
from oslo_log import log

from baas.db import session

LOG = log.getLogger(__name__)
UNKNOWN = ('The service itself failed.',
           'Look for the id of the job in the log of the conductor.')
"""Cause and hint of what nobody has foreseen."""
_AWAY = ('The database of the service did not answer.', UNKNOWN[1])
_GONE = ('The conductor that worked on the job is gone.',
         'What the job had begun is undone; start it again.')
_FULL = (errno.ENOSPC, errno.EDQUOT)
_SAID = tuple(map(os.strerror, _FULL))
_SQLITE = 'database or disk is full'
_remembered = {}


def of(error, conf=cfg.CONF):
    """Give cause and hint of what a job cannot go on for, or None when that
    is nothing of this machine.

    :param error: an exception, or what Ansible said (str).
    """
    if _is_full(error):
        place = getattr(error, 'filename', None) or conf.state_path
        return (f'A disk of the service\'s own machine is full: nothing can '
                f'be written to {place}.',
                'Make room there, on the machine of the conductor, then start '
                'the job again.')
    if isinstance(error, Exception) and session.is_away(error):
        return _AWAY
    return None


def let_go(job, error, close, conf=cfg.CONF):
    """Take down why a job is left that its conductor cannot go on with.

    A job that cannot be closed now is left to the sweep, which takes it over,
    undoes what it has begun and closes it for that reason.

    :param job: row of the job.
    :param error: the exception.
    :param close: called with cause and hint; closes it in error.
    """
    reason = of(error, conf)
    if reason is None:
        return LOG.exception('Job %s was left by its worker', job.id)
    LOG.error('Job %s cannot go on: %s %s', job.id, *reason)
    if reason == _AWAY:
        return
    try:
        if not session.is_away(error):
            return close(*reason)
    except Exception as other:
        if of(other, conf) is None:
            raise  # pragma: no cover - our own mistake
    _remembered[job.id] = reason


def of_left(job_id):
    """Give cause and hint of a job that its conductor has left: that the disk
    of this one was full, or else that the conductor is gone."""
    return _remembered.pop(job_id, _GONE)


def _is_full(error):
    while isinstance(error, Exception):
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        # Whole, for a statement may have the words of a node in it.
        if str(error) == _SQLITE:
            return True
        error = error.__cause__ or error.__context__
    return isinstance(error, str) and any(words in error for words in _SAID)
