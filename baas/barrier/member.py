# SPDX-License-Identifier: Apache-2.0
"""One node in the barrier, as its coordinator sees it."""
from baas.barrier import connection

REACHED = {'ready': (10, None), 'arranged': (20, None),
           'quiesced': (40, 'quiesce'),
           'taken': (70, 'snapshot'), 'resumed': (100, 'resume')}
"""Percent and verb for each word by which a node ends a phase."""
_LOST = ('It resumes by itself if it still runs; look whether it is up and '
         'its network works.')


class Member:
    """A node, what it has said and what it has brought about.

    :param name: inventory name.
    :param given: how it is reached: :func:`connection.command`.
    :param call: ``--job`` and ``--epoch`` of every call (list of str).
    :ivar link: its :class:`connection.Connection`, or None.
    :ivar reached: the words it has said (set of str).
    :ivar results: mapping of verb to result.
    :ivar error: {cause, hint} of why it failed, or None.
    """

    def __init__(self, name, given, call):
        self.name = name
        self.link = None
        self.reached = set()
        self.results = {}
        self.error = None
        self.task = 'connecting'
        self.percent = 0
        self._figures = {}
        self._given = given
        self._call = call

    def open(self, verb, options):
        """Call a verb of the node program over a connection of its own.

        :raises NotUnderstood: that is not possible in this inventory.
        """
        self.link = connection.Connection(
            connection.command(self.name, self._given,
                               [verb, *self._call, '--options', '-']),
            options, orders=verb == 'barrier')

    @property
    def is_open(self):
        """Tell whether more may come from it."""
        return self.link is not None and self.link.is_open

    def order(self, what):
        """Tell the node what to do."""
        if self.is_open:
            self.link.send({'do': what})

    def receive(self):
        """Take in what the node has said; True when that is news."""
        lines = self.link.read()
        for said in lines:
            self._take(said)
        return bool(lines)

    def lost(self):
        """Take in that the connection has ended; the reason is its error
        unless it had one already."""
        words, advice = self.link.last_words(), self.link.advice()
        self.link.close()
        self.fail(f'The connection to the node program of {self.name} has '
                  f'ended: {words}.', advice or _LOST)

    def fail(self, cause, hint):
        """Set the error; the first one stays."""
        if self.error is None:
            self.error = {'cause': cause, 'hint': hint}

    def told(self):
        """Give what is said of it in the state of the program (dict)."""
        told = {'task': self.task, 'percent': self.percent,
                'results': self.results, **self._figures}
        if self.error:
            told['error'] = self.error
        return told

    def close(self):
        """Hang up."""
        if self.link is not None:
            self.link.close()

    def _take(self, said):
        word = said.get('said')
        if said['verb'] == 'resume' and said['state'] == 'done':
            word = 'resumed'
        if said.get('task'):
            self.task = said['task']
        self.reached.add(word)
        self._figures.update((key, said[key]) for key in (
            'bytes_done', 'bytes_total') if said.get(key) is not None)
        if word == 'working' and said.get('percent') and (
                'quiesced' in self.reached):
            # What has no snapshots is read while quiesced, which may be long.
            low, high = REACHED['quiesced'][0], REACHED['taken'][0]
            self.percent = low + (high - low) * said['percent'] // 100
        if word in REACHED:
            self.percent, verb = REACHED[word]
            if verb:
                self.results[verb] = said['result']
        if said.get('error') and (
                self.error is None or said.get('said') is None):
            # The last word knows more than the first.
            self.error = said['error']
