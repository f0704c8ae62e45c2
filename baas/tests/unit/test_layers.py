# SPDX-License-Identifier: Apache-2.0
"""The plan of the house: what stands on what, and what is kept apart."""
import ast
import pathlib
import sys
import unittest

import baas

TOP = pathlib.Path(baas.__file__).parent
FLOORS = (
    ('cmd', 'wsgi'),
    ('api', 'conductor'),
    ('boot', 'requests'),
    ('barrier', 'db', 'runner', 'storage'),
    ('conf', 'jobs', 'keys', 'program', 'retention', 'schedules'),
    ('bech32', 'context', 'duration', 'errors', 'hacking', 'minisign',
     'node', 'share', 'ssh', 'threads'),
)
"""From the top. What stands on one floor knows only what is below it."""
OF_THE_NODE = {
    'baas.node': 'what is packed and pushed',
    'baas.node.main': 'which verbs there are',
    'baas.node.cluster.shared_files': 'what the archive of shared files is',
    'baas.node.disks.matching': 'which disk takes what',
    'baas.node.errors': 'what a rule refuses',
    'baas.node.filelist.fields': 'what the keys of a file list mean',
    'baas.node.payloads.pace': 'so many bytes a second',
    'baas.node.payloads.restic_cli': 'which restic is old enough',
    'baas.node.payloads.restic_watch': 'which restic is given up',
    'baas.node.system.atomic_file': 'files that are whole or absent',
    'baas.node.system.clock': 'which start of a machine this is',
    'baas.node.system.host_id': 'which machine this is',
    'baas.node.system.nics': 'addresses, and which card is which',
    'baas.node.system.processes': 'how a program goes on alone, and is ended',
}
"""What the service may take from the program on the nodes: rules that both
must know, and what is not to be written twice."""
MOST = 1400
"""Lines that are not blank, of all files of a folder together."""


def modules():
    """Give the modules of the product: {dotted name: path}."""
    found = {}
    for path in TOP.rglob('*.py'):
        name = path.relative_to(TOP.parent).with_suffix('')
        if 'tests' not in name.parts:
            words = [one for one in name.parts if one != '__init__']
            found['.'.join(words)] = path
    return found


class LayersTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.modules = modules()
        cls.trees = {name: ast.parse(path.read_text(encoding='utf-8'))
                     for name, path in cls.modules.items()}
        cls.imports = {name: set(cls.imported(tree))
                       for name, tree in cls.trees.items()}

    @classmethod
    def imported(cls, tree):
        """List what a module imports, by the names of the modules."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for one in node.names:
                    yield one.name
            elif isinstance(node, ast.ImportFrom):
                for one in node.names:
                    whole = f'{node.module}.{one.name}'
                    yield whole if whole in cls.modules else node.module

    def ours(self, name):
        """List what a module imports of the product (sorted)."""
        return sorted(self.imports[name] & set(self.modules))

    def floor(self, name):
        """Give on which floor a module is, counted from the top."""
        package = name.split('.')[1]
        for number, floor in enumerate(FLOORS):
            if package in floor:
                return number
        self.fail(f'{name} has no floor; give its package one')

    def room(self, name):
        """Give the folder of a module; a file beside folders is a room of
        its own."""
        path = self.modules[name]
        if path.name == '__init__.py':
            return name
        beside = any(one.suffix != '.py' and any(one.glob('*.py'))
                     for one in path.parent.iterdir() if one.is_dir())
        return name if beside else name.rpartition('.')[0]

    def test_no_import_runs_up_a_floor(self):
        wrong = []
        for name in self.modules:
            for other in self.ours(name) if name != 'baas' else ():
                if other == 'baas' or (
                        other.split('.')[1] == name.split('.')[1]):
                    continue
                if self.floor(other) <= self.floor(name):
                    wrong.append(f'{name} -> {other}')
        self.assertEqual([], sorted(wrong))

    def test_no_circle_ties_folders_together(self):
        arrows = {}
        for name in self.modules:
            room = self.room(name)
            arrows.setdefault(room, set()).update(
                self.room(other) for other in self.ours(name)
                if self.room(other) != room)
        before = None
        while before != len(arrows):
            # What nothing stands on, and what stands on nothing, is in none.
            before = len(arrows)
            named = set().union(*arrows.values())
            arrows = {room: others & set(arrows)
                      for room, others in arrows.items()
                      if others & set(arrows) and room in named}
        self.assertEqual({}, {room: sorted(others)
                              for room, others in sorted(arrows.items())})

    def test_the_node_program_needs_nothing_but_python(self):
        allowed = set(sys.stdlib_module_names)
        wrong = [f'{name} -> {other}' for name in self.modules
                 if name.startswith('baas.node')
                 for other in sorted(self.imports[name])
                 if other.split('.')[0] not in allowed
                 and not f'{other}.'.startswith('baas.node.')]
        self.assertEqual([], wrong)

    def test_what_the_service_takes_from_the_node_program_is_listed(self):
        wrong = [f'{name} -> {other}' for name in sorted(self.modules)
                 if not f'{name}.'.startswith('baas.node.')
                 for other in self.ours(name)
                 if f'{other}.'.startswith('baas.node.')
                 and other not in OF_THE_NODE]
        self.assertEqual([], wrong)

    def test_what_the_service_takes_brings_little_with_it(self):
        reached, todo = set(), set(OF_THE_NODE) & set(self.modules)
        while todo:
            reached |= todo
            todo = {other for name in todo for other in self.ours(name)
                    if other != 'baas.node'} - reached
        self.assertLess(len(reached), 30, sorted(reached))

    def test_no_folder_grows_into_a_heap(self):
        sizes = {}
        for path in self.modules.values():
            lines = [line for line in path.read_text().split('\n')
                     if line.strip()]
            folder = str(path.parent.relative_to(TOP.parent))
            sizes[folder] = sizes.get(folder, 0) + len(lines)
        self.assertEqual({}, {folder: size for folder, size in sizes.items()
                              if size > MOST})

    def test_no_name_says_nothing(self):
        empty = {'utils', 'util', 'common', 'helpers', 'helper', 'misc'}
        self.assertEqual([], [name for name in sorted(self.modules)
                              if empty & set(name.split('.'))])

    def test_each_folder_says_what_is_in_it(self):
        silent = [name for name, path in sorted(self.modules.items())
                  if path.name == '__init__.py'
                  and not ast.get_docstring(self.trees[name])]
        self.assertEqual([], silent)
