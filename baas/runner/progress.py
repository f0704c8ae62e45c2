# SPDX-License-Identifier: Apache-2.0
"""What Ansible's events mean for a step: pure functions."""
import json
import re

from baas.runner import unreachable
from baas import ssh

_MARK = '{"baas":'
_LONG = 600


class Progress:
    """How far one step is, as its events tell.

    :ivar task: what is being done, in words.
    :ivar nodes: mapping of node to {state, task, percent, bytes_done,
        bytes_total}.
    :ivar results: mapping of node to verb to the verb's result.
    :ivar failures: mapping of node to {cause, hint, task}.
    :ivar silent: names of those of them that have never said anything, and
        where nothing answers (set).
    :ivar notes: lines for the log that nobody has taken yet, as (level,
        node, message).
    :ivar status: how the run ended; None while it runs.
    :ivar trouble: why it failed when no node did.
    """

    def __init__(self):
        self.task = None
        self.nodes = {}
        self.results = {}
        self.failures = {}
        self.silent = set()
        self.notes = []
        self.status = None
        self.trouble = None
        self._lines = {}

    @property
    def percent(self):
        """Mean percent of the nodes (int)."""
        if not self.nodes:
            return 0
        return sum(node['percent'] for node in self.nodes.values()) // len(
            self.nodes)

    def see(self, event):
        """Take in one event.

        :param event: event of ansible-runner (dict).
        :returns: True when something has changed that is worth showing.
        """
        handler = getattr(self, '_' + event.get('event', ''), None)
        if handler is None:
            return False
        data = event.get('event_data', {})
        return bool(handler(data, data.get('res') or {}))

    def _playbook_on_task_start(self, data, _res):
        task = data.get('name') or data.get('task') or ''
        # 'role : task': the role is a matter of ours, not of the reader.
        task = task.split(' : ', 1)[-1]
        if task.startswith('Validating arguments') or task == self.task:
            return False
        self.task = task
        self.notes.append(('info', None, task))
        return True

    def _runner_on_start(self, data, _res):
        node = self._node(data)
        if self.task is not None and node['task'] != self.task:
            node['state'], node['task'] = 'running', self.task
        return True

    def _runner_on_ok(self, data, res):
        return self._tell(data, res)

    def _runner_retry(self, data, res):
        return self._tell(data, res)

    def _runner_on_failed(self, data, res):
        self._tell(data, res)
        if data.get('ignore_errors'):
            return False
        if data.get('host') in self.failures:
            return True
        said = envelope(res)
        bad = {name: one['error'] for name, one in
               (said.get('nodes') or {}).items() if one.get('error')}
        for name, error in sorted(bad.items()):
            self._fail({'host': name, 'task': data.get('task')}, error)
        if bad:
            return True
        said = said.get('error')
        if not said:
            said = {'cause': plain(res), 'hint': None}
        return self._fail(data, said)

    def _runner_on_unreachable(self, data, res):
        if data.get('ignore_unreachable') or res.get('skip_reason'):
            return False
        if unreachable.silent(plain(res)) and not self._has_answered(
                data['host']):
            self.silent.add(data['host'])
        return self._fail(data, {
            'cause': f'The node cannot be reached over SSH: '
                     f'{plain(res)}',
            'hint': ssh.advice(plain(res)) or (
                'Look whether the node is up, its address and host key are '
                'those of the inventory, and the key is let in.')})

    def leave_out(self, nodes):
        """Take it that a run has ended well but for some nodes, if all that
        failed are these.

        :param nodes: names of nodes that it can do without.
        """
        for node in nodes:
            del self.failures[node]
        if self.status == 'failed' and not self.failures:
            self.status = 'successful'

    def _has_answered(self, node):
        return node in self.failures or node in self.results

    def _tell(self, data, res):
        said = envelope(res)
        if not said:
            return False
        if 'nodes' not in said:
            return self._hear(data['host'], said)
        # One program speaks for all nodes; the host is only where it runs.
        for name, one in said['nodes'].items():
            self._hear(name, one)
            for verb, result in one.get('results', {}).items():
                if self.results.get(name, {}).get(verb) != result:
                    self._hear(name, {'verb': verb, 'result': result})
        if said.get('task') and said['task'] != self.task:
            self.task = said['task']
            self.notes.append(('info', None, self.task))
        return True

    def _hear(self, name, said):
        node = self._node({'host': name})
        for key in ('task', 'percent', 'bytes_done', 'bytes_total'):
            if said.get(key) is not None:
                node[key] = said[key]
        for number, line in said.get('lines') or ():
            if number > self._lines.get((name, said['verb']), 0):
                self._lines[name, said['verb']] = number
                self.notes.append(('info', name, line))
        if said.get('state') == 'done':
            node['percent'] = 100
        if said.get('result') is not None:
            self.results.setdefault(name, {})[said['verb']] = said['result']
            self._note(said, name)
        return True

    def _note(self, said, name):
        """Put the plain figures of a result into the log."""
        figures = [f'{key.replace("_", " ")} {value}'
                   for key, value in said['result'].items()
                   if isinstance(value, (int, float)) and key != 'time'
                   and not isinstance(value, bool)]
        if figures:
            self.notes.append(
                ('info', name, f'{said["verb"]}: {", ".join(figures)}.'))

    def _fail(self, data, said):
        name, node = data['host'], self._node(data)
        node['state'] = 'error'
        self.failures[name] = {
            'cause': said['cause'], 'hint': said.get('hint'),
            'task': data.get('task')}
        self.notes.append(('error', name, said['cause']))
        return True

    def _node(self, data):
        return self.nodes.setdefault(
            data['host'], {'state': 'running', 'task': None, 'percent': 0})


def envelope(res):
    """Find what a program of ours said in the result of a task.

    :param res: result of a task, as an event has it.
    :returns: the object under ``baas``, {} when there is none.
    """
    for line in reversed((res.get('stdout') or '').splitlines()):
        if line.startswith(_MARK):
            try:
                return json.loads(line)['baas']
            except (ValueError, TypeError):
                return {}
    return {}


def plain(res):
    """Make one sentence of the result of a task that failed.

    Ansible spreads the reason over msg, stderr and module_stderr.
    """
    words = [res.get('msg') or '', res.get('stderr') or '',
             res.get('module_stderr') or '']
    if words[0] == 'non-zero return code':
        words[0] = f'the command ended with {res.get("rc")}'
    text = re.sub(r'\s+', ' ', ' '.join(words)).strip()
    text = text.removeprefix('Task failed: ')
    return (text[:_LONG] or 'the task failed without a word').rstrip('.') + '.'
