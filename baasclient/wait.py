# SPDX-License-Identifier: Apache-2.0
"""Waiting for a job to end, through hiccups of the network and restarts of
the service."""
import os
import sys
import time

from osc_lib import exceptions

from baasclient import columns
from baasclient import command
from baasclient import coverage
from baasclient import http
from baasclient import progress
from baasclient import refusal

FINAL = ('done', 'error', 'cancelled')
PAUSE = 2.0
"""Seconds between two looks at a job that has been at work for a while."""


def add_options(parser):
    """Add ``--wait`` and ``--timeout`` to a command."""
    parser.add_argument(
        '--wait', action='store_true',
        help='Wait until the work has ended, and show its progress on '
             'standard error')
    _add_timeout(parser, 'With --wait: give')


def always(parser):
    """Have a command wait in any case, for as long as ``--timeout`` says."""
    parser.set_defaults(wait=True)
    _add_timeout(parser, 'Give')


def _add_timeout(parser, begin):
    parser.add_argument(
        '--timeout', metavar='<seconds>', type=command.whole,
        help='%s up waiting after so many seconds; the work itself goes on '
             '(default: wait until it ends)' % begin)


def check_options(parsed_args):
    """Refuse a time-out without ``--wait``, or one that is not positive.

    :raises CommandError: it makes no sense.
    """
    if parsed_args.timeout is None:
        return
    if not parsed_args.wait or parsed_args.timeout < 1:
        raise exceptions.CommandError(
            '--timeout takes 1 second or more, and goes with --wait.\n'
            'Add --wait, or leave --timeout out.')


def until_end(command, job, timeout=None):
    """Wait until a job has ended, showing its progress.

    :param command: the command that waits (osc_lib).
    :param job: the job, as it was when it was asked for.
    :param timeout: seconds to wait at most (int); None for no limit.
    :returns: the job as it ended.
    :raises CommandError: the job has not ended, as far as is known: out of
        time, or the service was away for too long.
    """
    client = command.client
    if command.app.options.verbose_level == 0:
        with open(os.devnull, 'w') as nowhere:
            return Watch(client, job, nowhere).run(timeout)
    return Watch(client, job, sys.stderr).run(timeout)


def check(job):
    """Raise when a job did not do what it was asked for.

    :raises CommandError: it ended in error or was cancelled.
    """
    if job['state'] == 'done':
        return
    log = 'Read its log with: openstack control plane backup job log %s' % job[
        'id']
    if job['state'] == 'cancelled':
        raise exceptions.CommandError(
            'Job %s was cancelled, and what it had begun is undone.\n%s'
            % (job['id'], log))
    error = job['error'] or {'cause': 'the service does not say why.'}
    lines = ['Job %s failed %s' % (job['id'], columns.human_error(error)),
             refusal.hint(error.get('hint') or ''), log]
    raise exceptions.CommandError('\n'.join(line for line in lines if line))


def goes_on(job):
    """Tell how to watch and how to cancel a job that is not waited for."""
    text = ('Watch it with:  openstack control plane backup job log '
            '--follow %s' % job['id'])
    if job['kind'] != 'delete':  # which cannot be stopped half way
        text += ('\nCancel it with: openstack control plane backup job cancel '
                 '%s' % job['id'])
    return text


def leave(command, job):
    """Say on standard error how to follow a job that is not waited for."""
    if command.app.options.verbose_level > 0:
        sys.stderr.write(goes_on(job) + '\n')


class Watch:
    """One wait for one job.

    :param client: :class:`baasclient.http.Client`.
    :param stream: text file to show progress on.
    :ivar patience: seconds for which a service that does not answer is asked
        again.
    :ivar quiet: seconds without any change after which the user is told so,
        by the state of the job. A running step may have nothing to tell for
        a while; a queued job is found within ten seconds.
    """

    patience = 300
    quiet = {'queued': 15, 'running': 180, 'cancelling': 180}

    def __init__(self, client, job, stream):
        self._client = client
        self._job = job
        self._view = progress.view(stream)
        self._seen = None
        self._seen_at = time.monotonic()

    def run(self, timeout=None):
        """Wait; see :func:`until_end`."""
        until = None if timeout is None else time.monotonic() + timeout
        pause = 0.25
        try:
            while True:
                job = self._look(until)
                self._view.show(job)
                if job['state'] in FINAL:
                    for line in coverage.warnings(job):
                        self._view.note(line)
                    return job
                self._notice_silence(job)
                # A short job is not kept waiting, a long one not pestered.
                pause = min(pause * 1.5, PAUSE)
                self._sleep(pause, until, 'Job %s has not ended in time; it '
                            'goes on.' % self._job['id'])
        except KeyboardInterrupt:
            self._view.note('')
            self._view.note('Job %s goes on.' % self._job['id'])
            for line in goes_on(self._job).splitlines():
                self._view.note(line)
            raise

    def _look(self, until):
        """Ask for the job, again and again while the service is away."""
        trying_until = None
        while True:
            try:
                job = self._client.get(http.path('job', self._job['id']))
                if trying_until is not None:
                    self._view.note('The service answers again.')
                return job
            except (http.Unreachable, exceptions.ClientException) as error:
                if not _may_pass(error):
                    raise
                reason = str(error).splitlines()[0]
            if trying_until is None:
                trying_until = time.monotonic() + self.patience
                if until is not None:
                    trying_until = min(trying_until, until)
                self._view.note('%s Trying again for %d s.' % (
                    reason, trying_until - time.monotonic()))
            self._sleep(PAUSE, trying_until, '%s\nJob %s goes on, as far as '
                        'is known.' % (reason, self._job['id']))

    def _sleep(self, seconds, until, sentence):
        """Sleep, but not beyond a time; give up when it has come."""
        if until is not None:
            seconds = min(seconds, until - time.monotonic())
        if seconds <= 0:
            raise exceptions.CommandError(
                '%s\n%s' % (sentence, goes_on(self._job)))
        time.sleep(seconds)

    def _notice_silence(self, job):
        """Say so, once, when a job does not move at all."""
        now = time.monotonic()
        if job != self._seen:
            self._seen, self._seen_at = job, now
            return
        quiet = self.quiet[job['state']]
        if self._seen_at is not None and now - self._seen_at > quiet:
            self._seen_at = None
            self._view.note(
                'No conductor has taken the job yet: check that '
                'baas-conductor runs.' if job['state'] == 'queued' else
                'Nothing has changed for %d s. If the conductor is gone, '
                'another one takes the job over and undoes it.' % quiet)


def _may_pass(error):
    """Tell whether the same question may be answered a little later."""
    if isinstance(error, http.Unreachable):
        return True
    return error.code in (500, 502, 503, 504)


class ShowJob(command.ShowOne):
    """A command that asks for a job and shows it; told to wait for it, as it
    has ended, and it fails as the job did."""

    def get_parser(self, prog_name):
        """Declare the options of waiting."""
        parser = super().get_parser(prog_name)
        add_options(parser)
        return parser

    def submit(self, parsed_args):
        """Ask for the job; give it."""
        raise NotImplementedError

    def take_action(self, parsed_args):
        """Ask for the job, and wait for it when told to."""
        check_options(parsed_args)
        self.ended = None
        job = self.submit(parsed_args)
        if parsed_args.wait:
            job = self.ended = until_end(self, job, parsed_args.timeout)
        else:
            leave(self, job)
        return columns.one({name: job[name] for name in (
            'id', 'kind', 'target', 'state')})

    def run(self, parsed_args):
        """Fail after the job is shown."""
        code = super().run(parsed_args)
        if self.ended:
            check(self.ended)
        return code
