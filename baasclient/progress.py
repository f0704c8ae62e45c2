# SPDX-License-Identifier: Apache-2.0
"""What a waiting command shows of a job: on a terminal a few lines that are
redrawn in place, elsewhere a line now and then."""
import os
import time

from baasclient import columns

EVERY = 10
"""Seconds between two lines about the same step, where nothing is redrawn."""


def view(stream):
    """Choose how to show progress.

    :param stream: a text file, as a rule standard error.
    """
    return Screen(stream) if stream.isatty() else Lines(stream)


def title(job):
    """Say what a job does."""
    if job['kind'] in ('restore-set', 'restore-set-plan'):
        what = '%s of set %s (%s)' % (
            'plan' if job['kind'].endswith('plan') else 'restore',
            job['options']['set_id'], job['target'])
    elif not job.get('backup_id'):
        what = '%s of the %s' % (job['kind'], job['target'])
    else:
        what = '%s of backup %s' % (
            'plan' if job['kind'] == 'restore-plan' else job['kind'],
            job['backup_id'])
        if job['node']:
            what += ' (%s)' % job['node']
    return 'Job %s: %s' % (job['id'], what)


def current(job):
    """Give the step that a job is at, or None when none has begun."""
    begun = [step for step in job['steps']
             if step['state'] not in ('waiting', 'skipped')]
    return begun[-1] if begun else None


def nodes(job):
    """Tell where each node is.

    A node that failed stays where it failed while the others go on.

    :returns: mapping of a node's name to the name of a step and the node's
        progress in it, which is empty when the step tells none of it.
    """
    at, found = current(job), {}
    for step in job['steps']:
        for name, progress in (step['nodes'] or {}).items():
            found[name] = (step, progress)
    for name, (step, progress) in found.items():
        if step is not at and progress.get('state') != 'error':
            step, progress = at, {}
        found[name] = (step['name'], progress)
    return found


def node_cells(progress):
    """Give percent, amount and task of a node's progress, in words."""
    state = progress.get('state')
    percent = 100 if state == 'done' else progress.get('percent')
    amount = progress.get('bytes_done')
    task = progress.get('task') or ''
    if state == 'error':
        task = 'failed: %s' % task if task else 'failed'
    return ('' if percent is None else '%d %%' % percent,
            columns.human_bytes(amount) if amount else '',
            'done' if state == 'done' else task)


class Lines:
    """Progress for a file, a pipe or a log of some scheduler."""

    def __init__(self, stream):
        self._stream = stream
        self._step = None
        self._next = 0.0

    def show(self, job):
        """Write a line when the step is another, when it has told of nodes
        for the first time, or when ten seconds are over."""
        if self._step is None:
            self.note(title(job))
        step = current(job)
        at = (job['state'], step and step['name'],
              bool(step and step['nodes']))
        if at == self._step and time.monotonic() < self._next:
            return
        self._step, self._next = at, time.monotonic() + EVERY
        words = [job['state']]
        if step and job['state'] in ('running', 'cancelling'):
            words += [step['name'], '%d %%' % step['percent']]
            words.append(', '.join(
                ' '.join(cell for cell in (name,) + node_cells(progress)
                         if cell)
                for name, (at, progress) in sorted(nodes(job).items())
                if progress) or step['task'] or '')
        self.note('%s  %s' % (time.strftime('%H:%M:%S'),
                              '  '.join(word for word in words if word)))

    def note(self, text):
        """Write something else."""
        self._stream.write(columns.printable(text) + '\n')
        self._stream.flush()


class Screen:
    """Progress for a terminal: one line for the job, one for each node."""

    def __init__(self, stream):
        self._stream = stream
        self._drawn = 0
        self._began = time.monotonic()

    def show(self, job):
        """Draw where the job is, over what was drawn before."""
        size = self._size()
        lines = [self._head(job)] + self._table(job)
        if len(lines) >= size.lines:
            # What scrolls away cannot be redrawn.
            hidden = len(lines) - size.lines + 2
            lines[-hidden:] = ['and %d more nodes' % hidden]
        self._draw(line[:size.columns - 1] for line in lines)

    def note(self, text):
        """Write something that stays, below what is drawn."""
        self._stream.write(columns.printable(text) + '\n')
        self._stream.flush()
        self._drawn = 0

    def _head(self, job):
        seconds = int(time.monotonic() - self._began)
        words = ['Job %s' % job['id']]
        step = current(job)
        if step and job['state'] == 'running':
            words += ['%d %%' % job['percent'], 'step %d of %d' % (
                job['steps'].index(step) + 1, len(job['steps']))]
        else:
            words.append(job['state'])
        return '  '.join(words + ['%d:%02d' % divmod(seconds, 60)])

    def _table(self, job):
        rows = [(name, step) + node_cells(progress)
                for name, (step, progress) in sorted(nodes(job).items())]
        step = current(job)
        if not rows and step:
            rows = [(job['node'] or job['target'], step['name'],
                     '%d %%' % step['percent'], '', step['task'] or '')]
        widths = [max(map(len, column)) for column in zip(*rows)]
        return [columns.printable('%-*s  %-*s  %*s  %*s  %s' % (
            widths[0], name, widths[1], step, max(widths[2], 5), percent,
            max(widths[3], 8), amount, task)).rstrip()
            for name, step, percent, amount, task in rows]

    def _draw(self, lines):
        text = '\x1b[%dF' % self._drawn if self._drawn else ''
        self._drawn = 0
        for line in lines:
            text += '%s\x1b[K\n' % line
            self._drawn += 1
        self._stream.write(text + '\x1b[J')
        self._stream.flush()

    def _size(self):
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            size = os.terminal_size((0, 0))
        # A serial console may say that it has no size.
        return os.terminal_size((size.columns or 80, size.lines or 24))
