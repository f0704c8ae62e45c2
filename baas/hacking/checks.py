# SPDX-License-Identifier: Apache-2.0
"""Checks of flake8 for rules of HACKING.rst that are this project's own.

flake8 loads this file by itself, as tox.ini says; it imports nothing of ours.
"""
import ast
import pathlib
import re

MODULE, FUNCTION = 250, 40
"""How many lines there may be that are not blank."""
_NO_NAMES = {'utils', 'util', 'common', 'helpers', 'helper', 'misc'}
_NO_IMPORTS = {
    'eventlet': 'BA502 eventlet is imported: threads do what it did',
    'mock': 'BA503 mock is imported: start the real thing instead',
    'unittest.mock': 'BA503 mock is imported: start the real thing instead'}
_UNCOUNTED = re.compile(r'# pragma\: no cover(?! - \S)')
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Checker:
    """One file as flake8 hands it over.

    :param tree: its syntax tree.
    :param filename: its path.
    :param lines: its lines.
    """
    name, version = 'baas-hacking', '1'

    def __init__(self, tree, filename, lines):
        self._tree, self._lines = tree, lines
        self._path = pathlib.PurePath(filename)

    def run(self):
        """Give what is wrong, as flake8 wants it: (line, column, sentence,
        type)."""
        checks = (_names, _sizes, _imports, _exposed, _conf,
                  _uncounted)
        if 'tests' not in self._path.parts:
            checks += (_moves,)
        for check in checks:
            for line, sentence in check(self._tree, self._path, self._lines):
                yield line, 0, sentence, type(self)


def _names(_tree, path, _lines):
    for name in (path.stem, *path.parts[:-1]):
        if name in _NO_NAMES:
            yield 1, f'BA501 {name} says nothing: name what it is about'


def _sizes(tree, _path, lines):
    length = _filled(lines)
    if length > MODULE:
        yield 1, f'BA101 the module has {length} lines, of {MODULE}'
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            length = _filled(lines[node.lineno - 1:node.end_lineno])
            if length > FUNCTION:
                yield (node.lineno, f'BA102 {node.name} has {length} lines, '
                                    f'of {FUNCTION}')


def _filled(lines):
    return sum(bool(line.strip()) for line in lines)


def _imports(tree, _path, _lines):
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module, *(f'{node.module}.{one.name}'
                                    for one in node.names)]
        for name in names:
            for bad, sentence in _NO_IMPORTS.items():
                if name == bad or name.startswith(bad + '.'):
                    yield node.lineno, sentence
                    break
            else:
                continue
            break


def _moves(tree, _path, _lines):
    """Find state changes of which nobody looks whether they were made."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.Expr) and _called(node.value) == 'move'
                and _owner(node.value.func) != 'shutil'):
            yield (node.lineno, 'BA201 what move returns is not looked at: '
                                'somebody else may have been faster')


def _exposed(tree, _path, _lines):
    """Find types of arguments that WSME does not check in a URL."""
    constants = {target.id: node.value for node in tree.body
                 if isinstance(node, ast.Assign) for target in node.targets
                 if isinstance(target, ast.Name)}
    for node in ast.walk(tree):
        if not isinstance(node, _FUNCTIONS):
            continue
        for decorator in node.decorator_list:
            if _called(decorator) != 'expose':
                continue
            for given in decorator.args[1:]:
                if isinstance(given, ast.Name):
                    given = constants.get(given.id, given)
                if 'bool' == _named(given) or 'Enum' == _called(given):
                    yield (decorator.lineno, 'BA301 WSME does not check bool '
                           'and Enum in a URL: take a type of baas.api.types')


def _conf(tree, _path, _lines):
    """Find functions that read the configuration instead of taking it."""
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, _FUNCTIONS):
            found |= {node.lineno for part in function.body
                      for node in ast.walk(part)
                      if _named(node) == 'CONF'
                      # The default of a function inside is one as well.
                      and not _is_default(node, part)}
    for line in sorted(found):
        yield line, 'BA401 CONF is read here: take it as an argument'


def _uncounted(_tree, _path, lines):
    for number, line in enumerate(lines, 1):
        if _UNCOUNTED.search(line):
            yield number, 'BA601 no test runs this: write after " - " why'


def _is_default(node, part):
    return any(node in (*inner.args.defaults, *inner.args.kw_defaults)
               for inner in ast.walk(part) if isinstance(inner, _FUNCTIONS))


def _named(node):
    """Give the last name of ``a``, ``b.a``; None for all else."""
    return getattr(node, 'id', getattr(node, 'attr', None))


def _called(node):
    """Give the last name of what is called; None when nothing is."""
    return _named(node.func) if isinstance(node, ast.Call) else None


def _owner(node):
    """Give ``a`` of ``a.b``; None for all else."""
    return _named(node.value) if isinstance(node, ast.Attribute) else None
