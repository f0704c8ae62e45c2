# SPDX-License-Identifier: Apache-2.0
"""The barrier: all nodes ready, all have arranged it, all are quiesced, all
have snapshots, all resume.

Job file: {"job", "epoch", "nodes": {node: options of the verb ``barrier`` of
the node program}, "deadman_timeout": seconds for the quiesce and the snapshots
together, "max_outage": the same as the operator allows it, or null, "probes":
["host:port"]}. An answer that is missing, an error or a connection that ends
means: resume everywhere, and fail."""
import argparse
import json
import logging
import numbers
import selectors
import signal
import time

from baas.barrier import member
from baas.barrier import probe
from baas import errors

LOG = logging.getLogger(__name__)
_CONNECT, _ARRANGE, _GRACE = 60, 300, 30  # seconds
_BEAT = 1  # second
_ROUND = 0.2  # seconds
_TRIES = 2
_WAIT = 300
_DEAF = 5  # seconds


class Failed(errors.BaasError):
    """The barrier was broken off; every node was told to resume."""
    faultcode = 'baas.barrier.failed'
    title = 'Barrier broken off'
    message = '{cause}'


class _Broken(Exception):
    """Why the barrier must end now.

    :ivar node: the :class:`member.Member` it is about, or None.
    """

    def __init__(self, cause, hint, node=None):
        super().__init__(cause)
        self.cause, self.hint, self.node = cause, hint, node


def work(job, argv):
    """Lead all nodes through the barrier.

    :param job: a :class:`baas.program.Job`.
    :param argv: ``--nodes JSON``.
    :returns: {'seconds': how long it took}; results of the nodes are kept as
        ``nodes`` beside it.
    :raises Failed: it was broken off.
    """
    parser = argparse.ArgumentParser(prog='python -m baas.barrier')
    parser.add_argument('--nodes', type=json.loads, required=True)
    reach = parser.parse_args(argv).nodes
    return Coordinator(job, reach).run()


class Coordinator:
    """One barrier; see :func:`work`."""

    def __init__(self, job, reach):
        self._job = job
        self._plan = job.get('nodes', dict)
        self._within = job.get('deadman_timeout', numbers.Real)
        self._most = job.get('max_outage', numbers.Real, None)
        call = ['--job', job.get('job', str),
                '--epoch', str(job.get('epoch', int))]
        self._members = [member.Member(name, reach.get(name, {}), call)
                         for name in sorted(self._plan)]
        self._probes = [probe.Probe(place)
                        for place in job.get('probes', list, [])]
        self._quiesces = any(options.get('quiesce') is not None
                             for options in self._plan.values())
        self._selector = selectors.DefaultSelector()
        self._beaten = self._signal = self._began = None
        self._is_touched = False
        self._task = 'Connect to every node'

    def run(self):
        """Do it.

        :raises Failed: it was broken off.
        """
        began = time.monotonic()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._on_signal)
        broken = None
        try:
            self._go()
        except _Broken as error:
            broken = error
        except Exception as error:  # pragma: no cover - a mistake of our own
            LOG.exception('The barrier failed')
            broken = _Broken(f'The barrier failed: {type(error).__name__}: '
                             f'{error}.', 'Look into its log.')
        if broken:
            if broken.node:
                broken.node.fail(broken.cause, broken.hint)
            broken = {'cause': broken.cause, 'hint': broken.hint}
        if self._is_touched:
            self._resume()
        self._measure(broken)
        for one in self._members:
            one.close()
        self._report()
        for one in [broken] + [one.error for one in self._members]:
            if one:
                raise Failed(**one)
        return {'seconds': round(time.monotonic() - began, 3)}

    def _go(self):
        for one in self._probes:
            one.start()
        self._report()
        for one in self._members:
            try:
                self._open(one, 'barrier', self._plan[one.name])
            except errors.BaasError as error:
                raise _Broken(str(error), error.hint, one) from error
        self._until('ready', time.monotonic() + _CONNECT)
        if self._quiesces:
            self._is_touched = True
            self._phase('arrange', 'arranged', 'Look what runs',
                        time.monotonic() + _ARRANGE)
        limit = time.monotonic() + self._within
        if self._quiesces:
            self._began = time.monotonic()
            self._phase('quiesce', 'quiesced', 'Quiesce services', limit)
        self._phase('snapshot', 'taken', 'Take snapshots', limit)

    def _phase(self, order, word, task, limit):
        self._task = task
        for one in self._members:
            one.order(order)
        self._report()
        self._until(word, limit)

    def _until(self, word, limit):
        """Wait until all nodes have said a word.

        :raises _Broken: a node failed, or not all said it in time.
        """
        while True:
            lacking = [one for one in self._members
                       if word not in one.reached]
            for one in self._members:
                if one.error:
                    raise _Broken(one.error['cause'], one.error['hint'], one)
            if self._signal:
                raise _Broken(f'The barrier was ended by signal '
                              f'{self._signal}.', 'Take another backup.')
            if not lacking:
                return
            self._look_at_time(lacking[0], word, limit)
            self._turn()

    def _look_at_time(self, one, word, limit):
        now = time.monotonic()
        if self._began and self._most and now - self._began > self._most:
            raise _Broken(
                f'{one.name} had not {word} {self._most:g} seconds after '
                f'services began to stop, which is what max_outage allows.',
                'All services were started again; allow more, or look why '
                'this node is slow.', one)
        if now > limit:
            raise _Broken(
                f'{one.name} was not {word} in time.',
                'All that had stopped is started again; look what the node '
                'was busy with.', one)

    def _resume(self):
        """Bring every node back, over a fresh connection where the first is
        gone, and take in what each says."""
        self._task = 'Resume services'
        for one in self._members:
            one.order('resume')
        self._report()
        tries = {one.name: _TRIES for one in self._members}
        wait = max((options.get('resume') or {}).get('wait', _WAIT)
                   for options in self._plan.values())
        ordered = time.monotonic()
        while time.monotonic() < ordered + wait + _GRACE:
            away = [one for one in self._members
                    if 'resumed' not in one.reached]
            for one in away:
                if (one.is_open and 'resuming' not in one.reached
                        and time.monotonic() > ordered + _DEAF
                        and tries[one.name] == _TRIES):
                    self._lose(one)
                if not one.is_open and tries[one.name]:
                    tries[one.name] -= 1
                    self._open(one, 'resume',
                               self._plan[one.name].get('resume') or {})
            if not any(one.is_open for one in away):
                break
            self._turn()
        for one in self._members:
            if 'resumed' not in one.reached:
                one.fail(f'{one.name} did not say that it has resumed.',
                         'It goes on by itself if it still runs; look at it.')

    def _turn(self):
        """Hear what nodes say for a moment, and let them hear us."""
        now = time.monotonic()
        if self._beaten is None or now - self._beaten >= _BEAT:
            self._beaten = now
            for one in self._members:
                one.order('heartbeat')
        news = False
        for key, _ in self._selector.select(_ROUND):
            one = key.data
            news = one.receive() or news
            if not one.is_open:
                self._lose(one)
                news = True
        if news:
            self._report()

    def _lose(self, one):
        """Hang up on a node, which is an error when it was not through."""
        self._selector.unregister(one.link)
        if ('resumed' if self._quiesces else 'taken') in one.reached:
            one.close()
        else:
            one.lost()

    def _open(self, one, verb, options):
        one.open(verb, options)
        self._selector.register(one.link, selectors.EVENT_READ, one)

    def _measure(self, broken):
        """Let probes see the end of the outage; keep what they found."""
        if not broken and self._began is not None:
            probe.wait_for_answers(self._probes, _GRACE)
        found = {one.place: one.end() for one in self._probes}
        for one in self._members:
            one.results['barrier'] = {'probes': found}

    def _report(self):
        percent = sum(one.percent for one in self._members)
        self._job.keep(nodes={one.name: one.told()
                              for one in self._members})
        try:
            self._job.report(percent / max(1, len(self._members)), self._task)
        except OSError as error:  # pragma: no cover - needs a full disk
            # A full disk must not keep any node from being resumed.
            LOG.warning('Progress cannot be written: %s', error)

    def _on_signal(self, number, _frame):
        self._signal = number
