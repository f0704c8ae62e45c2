# SPDX-License-Identifier: Apache-2.0
"""The contract of the journal: who may change it, when, and how."""
import ast
import pathlib

from baas import node
from baas.node import errors
from baas.node import journal
from baas.node import journal_changes
from baas.node import journal_states as states
from baas.tests.unit.node import base

EVENTS = {
    'quiesce': lambda opened: opened.quiescing('t', 9.0, ['a.service'], {}),
    'plan': lambda opened: opened.planned(snapshots=[{'path': 'a'}]),
    'snapshot': lambda opened: opened.snapshotted(),
    'resume': lambda opened: opened.resuming(),
    'fire': lambda opened: opened.fired(),
    'drop': lambda opened: opened.dropped(),
    'close': lambda opened: opened.closed(1),
}
ALL = sorted({state for state, _ in states.MOVES})
MUTATORS = ('append', 'clear', 'extend', 'insert', 'pop', 'popitem',
            'remove', 'setdefault', 'update')


class StatesTest(base.NodeTest):

    def go(self, state):
        """Bring a new journal into a state, by moves alone."""
        paths = {states.OPEN: ()}
        while state not in paths:
            for (one, event), other in states.MOVES.items():
                if one in paths and other not in paths:
                    paths[other] = paths[one] + (event,)
        self.write_journal(**dict(journal_changes.fresh(
            base.JOB, 1, 'backup', {}), format=journal.FORMAT))
        for event in paths[state]:
            self.do(event)
        self.assertEqual(state, journal.load()['state'])

    def do(self, event):
        with journal.locked():
            EVENTS[event](journal_changes.Journal(journal.load(),
                                                  journal._save))

    def test_each_move_is_on_disk_and_no_other_is_made(self):
        for state in ALL:
            for event in EVENTS:
                with self.subTest(state=state, event=event):
                    self.go(state)
                    before = journal.load()
                    if (state, event) in states.MOVES:
                        self.do(event)
                        self.assertEqual(states.MOVES[state, event],
                                         journal.load()['state'])
                        continue
                    with self.assertRaises(errors.NodeError) as caught:
                        self.do(event)
                    self.assertTrue(caught.exception.hint)
                    self.assertEqual(before, journal.load())

    def test_to_resume_is_refused_in_no_state_of_an_open_job(self):
        for state in set(ALL) - {states.CLOSED}:
            for event in ('resume', 'fire', 'drop'):
                self.assertIn((state, event), states.MOVES)
        for event in ('resume', 'fire'):
            for state in ALL:
                self.assertNotEqual(states.QUIESCED,
                                    states.MOVES.get((state, event)))

    def test_a_token_is_there_while_services_are_quiesced_and_no_longer(self):
        for state in set(ALL) - {states.CLOSED}:
            self.go(state)
            data = journal.load()
            self.assertEqual(state in (states.QUIESCED, states.SNAPSHOTTED),
                             data['quiesce_token'] is not None, state)
            self.assertEqual(state in (states.SNAPSHOTTED, states.CONSISTENT),
                             data['snapshot_done'] is not None, state)

    def test_what_is_pending_keeps_a_journal_open(self):
        self.go(states.OPEN)
        with journal.edit(base.JOB, 1) as opened:
            opened.add_undo({'kind': 'desync'})
        with self.assertRaisesRegex(errors.NodeError, 'still to be undone'):
            journal.close(base.JOB, 1)
        self.assertTrue(journal.is_open(journal.load()))

    def test_a_job_does_not_quiesce_for_snapshots_that_are_there(self):
        for state in (states.SNAPSHOTTED, states.CONSISTENT):
            self.go(state)
            with self.assertRaisesRegex(errors.NodeError, 'already'):
                self.do('quiesce')

    def test_a_stage_of_many_things_waits_for_the_disk_once(self):
        saved = []
        opened = journal_changes.Journal(journal_changes.fresh(
            base.JOB, 1, 'backup', {}), saved.append)
        opened.quiescing('token', 9.0, [], {})
        undos = [{'kind': 'unit', 'unit': str(number), 'stage': 1}
                 for number in range(50)]
        titles = [undo['unit'] for undo in undos]
        opened.stage_quiescing(undos, titles)
        self.assertEqual((2, 50), (len(saved), len(opened.data['undos'])))
        opened.resumed(undos, dict.fromkeys(titles, 1.0))
        self.assertEqual((3, []), (len(saved), opened.data['undos']))

    def test_a_reader_cannot_change_it(self):
        self.go(states.OPEN)
        with journal.edit(base.JOB, 1) as opened:
            with self.assertRaises(TypeError):
                opened.data['armed'] = True


class WritersTest(base.NodeTest):
    """Nobody but the journal's own modules writes its keys."""

    def test_nobody_else_writes_its_keys(self):
        top = pathlib.Path(node.__file__).parent
        found = []
        for path in top.rglob('*.py'):
            if not path.name.startswith('journal'):
                tree = ast.parse(path.read_text(encoding='utf-8'))
                found += ['%s:%d' % (path.relative_to(top), line)
                          for line in writes(tree)]
        self.assertEqual([], found)

    def test_what_writes_is_seen(self):
        for text in ("opened.data['armed'] = True", "data['a'] = 1",
                     "data['a']['b'] += 1", "del data['a']",
                     "opened.data['a'].append(1)", "data.update(a=1)",
                     "opened.data.setdefault('a', {})['b'] = 1",
                     "data['a'], b = 1, 2",
                     "noted = opened.data['a']\nnoted['b'] = 1",
                     "kept = journal.load()\nkept['a']['b'].pop()"):
            self.assertTrue(list(writes(ast.parse(text))), text)
        for text in ("a = data['b']", "data['a'].get('b')",
                     "found = dict(data, a=1)", "x['a'] = data['a']"):
            self.assertEqual([], list(writes(ast.parse(text))), text)


def writes(tree):
    """Give the lines that change what is a part of a journal."""
    scopes = [one for one in ast.walk(tree) if isinstance(
        one, (ast.FunctionDef, ast.Module))]
    return sorted({line for scope in scopes for line in _writes(scope)})


def _writes(scope):
    names = {'data'}
    for one in ast.walk(scope):
        if isinstance(one, ast.Assign) and _is_part(one.value, names):
            names.update(target.id for target in one.targets
                         if isinstance(target, ast.Name))
    for one in ast.walk(scope):
        if isinstance(one, ast.Subscript) and not isinstance(
                one.ctx, ast.Load) and _is_part(one.value, names):
            yield one.lineno
        elif isinstance(one, ast.Call) and isinstance(
                one.func, ast.Attribute) and one.func.attr in MUTATORS \
                and _is_part(one.func.value, names):
            yield one.lineno


def _is_part(value, names):
    """Tell whether an expression is a journal, or something inside it."""
    if isinstance(value, ast.Name):
        return value.id in names
    if isinstance(value, ast.Subscript):
        return _is_part(value.value, names)
    if isinstance(value, ast.Attribute):
        return value.attr == 'data'
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        inner = value.func
        return (ast.dump(inner.value) == ast.dump(ast.parse(
            'journal', mode='eval').body) and inner.attr == 'load'
            or inner.attr in ('get', 'setdefault')
            and _is_part(inner.value, names))
    return False
