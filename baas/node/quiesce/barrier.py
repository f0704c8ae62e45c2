# SPDX-License-Identifier: Apache-2.0
"""Quiesce, snapshot and resume as the conductor orders over an open
connection.

Whatever ends the connection before the node was told to resume makes it
resume by itself, at once."""
import json
import os
import signal
import sys
import threading
import traceback

from baas.node import errors
from baas.node import journal
from baas.node.quiesce import deadman
from baas.node.quiesce import orders
from baas.node.quiesce import quiesce
from baas.node.quiesce import resume
from baas.node import request as requests
from baas.node.services import base
from baas.node.snapshots import snapshot
from baas.node.system import clock

_HEARTBEAT_TIMEOUT = 10
_WAIT = 300
_PATIENCE = 2  # seconds
_GRACE = 2  # seconds
_OTHERS = 'waiting for the other nodes'
_AGAIN = 'Everything that had stopped is started again; take another backup.'


def barrier(request):
    """Do what is ordered, until the node is as it was.

    Options: ``quiesce`` and ``snapshot``, the options of these verbs; without
    ``quiesce`` nothing stops and nothing is resumed. ``resume``: those of that
    verb. ``heartbeat_timeout`` (seconds, 10): without a word of the conductor
    for so long the node resumes. ``max_outage`` (seconds or null): so long
    after it began to quiesce the node must have its snapshots, or it resumes.

    :returns: {'quiesce', 'snapshot', 'resume': results of these verbs}.
    :raises errors.NodeError: the barrier was broken off.
    """
    return _Barrier(request).run()


class _Barrier:
    """The barrier on this node; see :func:`barrier`."""

    def __init__(self, request):
        self.request = request
        self.results = {}
        self._orders = orders.Orders(
            0, float(request.options.get('heartbeat_timeout')
                     or _HEARTBEAT_TIMEOUT))
        self._quiesces = request.options.get('quiesce') is not None
        self._began = self._arranged = self._planned = None
        self._is_touched = False
        self._thread = None

    def run(self):
        """Go from phase to phase; pending undos run in the end."""
        self._orders.catch_signals()
        _own_process_group()
        try:
            self._go()
        except _Resume:
            pass
        except orders.Hangup as hangup:
            self._break_off(hangup.cause, _AGAIN)
        except errors.NodeError as error:
            self._break_off(error.cause, error.hint)
        except Exception as error:
            traceback.print_exc()
            said = errors.unforeseen('barrier', error, 'on standard error')
            self._break_off(said['cause'], said['hint'])
        if self._is_touched:
            self._resume()
        return self.results

    def _go(self):
        # What would fail here must not let other nodes stop first.
        with journal.edit(self.request.job, self.request.epoch):
            pass
        if self._quiesces:
            deadman.require()
        self._send('ready', task=_OTHERS)
        if self._quiesces:
            self._await('arrange')
            self._is_touched = True
            self._do('quiesce', self._arrange, 'arranged', 'looking what runs')
            self._await('quiesce')
            self._began = clock.boottime()
            self._do('quiesce', self._quiesce, 'quiesced',
                     'quiescing services')
        self._await('snapshot')
        self._do('snapshot', self._snapshot, 'taken', 'taking snapshots')
        if self._quiesces:
            self._await('resume')

    def _arrange(self, request):
        """Do all that lasts before the first node quiesces anything: clients
        wait for the slowest."""
        self._arranged = quiesce.arrange(request)
        if self._arranged.mode == base.FREEZE:
            self._planned = snapshot.arrange(self._sub('snapshot'))
        else:
            snapshot.write_out(snapshot.wanted(self.request.options.get(
                'snapshot', {}).get('capture', {}).get('excludes', [])))

    def _quiesce(self, request):
        return quiesce.quiesce(request, self._arranged)

    def _snapshot(self, request):
        return snapshot.snapshot(
            request, self._planned,
            self._arranged.watchdog if self._arranged else None)

    def _await(self, name):
        """Wait for an order.

        :raises _Resume: the conductor wants the node back instead.
        """
        order = None
        while order is None:
            order = self._orders.next(self._limits())
        if order == 'resume' and name != 'resume':
            raise _Resume()
        if order != name:
            raise orders.Hangup('The conductor has ordered %s in place of %s.'
                                % (order, name))

    def _limits(self):
        most = self.request.options.get('max_outage')
        if not most or self._began is None:
            return []
        # The conductor, who sees all nodes, knows whose fault it is: it has
        # the first word.
        return [(self._began + most + _GRACE,
                 'There was no snapshot %g seconds after services began to '
                 'stop, which max_outage allows.' % most)]

    def _do(self, verb, function, said, task):
        """Do a verb while orders are still heard."""
        request, ended = self._sub(verb), {}
        self._thread = threading.Thread(
            target=_work, args=(function, request, ended, self._orders.wake),
            daemon=True)
        self._send('working', task=task)
        self._thread.start()
        while not ended:
            if self._orders.next(self._limits()) == 'resume':
                raise _Resume()
        self._thread.join()
        if 'error' in ended:
            raise ended['error']
        if ended['result'] is not None:
            self.results[verb] = ended['result']
        self._send(said, task=_OTHERS,
                   result=ended['result'])

    def _sub(self, verb):
        return _SubRequest(verb, self.request, self._send)

    def _break_off(self, cause, hint):
        # The others are waiting for this word; it comes before the work.
        self._send('failed', state='error',
                   error={'cause': cause, 'hint': hint})
        result = self.results
        if self._is_touched:
            try:
                self._resume()
            except errors.NodeError as error:
                cause = '%s %s' % (cause, error.cause)
                hint = error.hint
        raise errors.NodeError(cause, hint, result)

    def _resume(self):
        """Run pending undos, even while services are still being quiesced:
        taking its token away, which undo does first, ends it."""
        self._send('resuming', task='resuming services')
        wait = float((self.request.options.get('resume') or {})
                     .get('wait', _WAIT))
        until, busy = clock.boottime() + wait, self._is_at_work()
        try:
            self._undo(wait)
        finally:
            self._end_work()
            if busy:
                # What had just begun may have stopped something after the
                # undo has looked.
                self._undo(max(until - clock.boottime(), _PATIENCE))
        self._send('resumed', task='as before', result=self.results['resume'])

    def _undo(self, wait):
        done = resume.undo(wait, self.request.job, self.request.epoch)
        if done.get('outage') or 'resume' not in self.results:
            self.results['resume'] = done

    def _end_work(self):
        """End what a quiesce or snapshot that was broken off still does."""
        if not self._is_at_work():
            return
        self._thread.join(0.2)
        if self._is_at_work() and os.getpgrp() == os.getpid():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(os.getpid(), signal.SIGTERM)
            self._thread.join(_PATIENCE)

    def _is_at_work(self):
        return self._thread is not None and self._thread.is_alive()

    def _send(self, said, state='running', **more):
        line = dict({'verb': 'barrier', 'state': state, 'said': said}, **more)
        try:
            # In one piece: two threads may have something to say.
            sys.stdout.write(json.dumps({'baas': line}) + '\n')
            sys.stdout.flush()
        except OSError:
            # Nobody listens: the end of the orders tells us so too. What is
            # still to be printed must not be in the way.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class _Resume(Exception):
    """The conductor wants the node back before its snapshot is there."""


class _SubRequest(requests.Request):
    """The request of one of the verbs; says how far that is."""

    def __init__(self, verb, asked, send):
        super().__init__(verb, asked.job, asked.epoch,
                         asked.options.get(verb) or {})
        self._send = send
        self._last = None

    def report(self, **progress):
        """Make known how far the verb is, at most once a second."""
        now = int(clock.boottime())
        if now != self._last:
            self._last = now
            self._send('working', **progress)


def _own_process_group():
    """Have a process group of one's own, with all that is started here."""
    try:
        os.setsid()
    except PermissionError:
        pass  # It is so already.


def _work(function, request, ended, wake):
    try:
        ended['result'] = function(request)
    except Exception as error:
        ended['error'] = error
    finally:
        wake()
