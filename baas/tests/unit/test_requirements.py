# SPDX-License-Identifier: Apache-2.0
"""What is required is what is imported, for the service and the client."""
import ast
import configparser
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[3]
NAMES = {'ansible': 'ansible-core', 'openstack': 'openstacksdk',
         'osc_lib': 'osc-lib', 'yaml': 'PyYAML'}
"""Distributions that are not called as what is imported from them."""
NOT_IMPORTED = {'ansible-core', 'pymysql', 'tzdata'}
"""Playbooks are run by the first, SQLAlchemy is told of the second by a URL,
and zoneinfo finds the third by itself."""


def imported(package):
    """Give the distributions that code of a package imports."""
    found = set()
    for path in (ROOT / package).rglob('*.py'):
        if 'tests' in path.parts:
            continue
        for one in ast.walk(ast.parse(path.read_text())):
            if isinstance(one, ast.Import):
                found.update(alias.name for alias in one.names)
            elif isinstance(one, ast.ImportFrom) and not one.level:
                found.add(one.module)
    names = {name.partition('.')[0] for name in found}
    return {plain(NAMES.get(name, name)) for name in names
            if name not in sys.stdlib_module_names
            and name not in ('baas', 'baasclient')}


def required(lines):
    """Give the distributions that lines of requirements name."""
    return {plain(re.match(r'[\w.-]+', line).group())
            for line in map(str.strip, lines) if line and line[0] != '#'}


def plain(name):
    """Write a name as PyPI compares names."""
    return re.sub('[-_.]+', '-', name).lower()


class RequirementsTest(unittest.TestCase):

    def setUp(self):
        self.config = configparser.ConfigParser()
        self.config.read(ROOT / 'setup.cfg')

    def test_the_service_requires_what_it_imports(self):
        lines = self.config['extras']['service'].splitlines()
        self.assertEqual(imported('baas') | NOT_IMPORTED, required(lines))

    def test_the_client_requires_what_it_imports(self):
        lines = (ROOT / 'requirements.txt').read_text().splitlines()
        self.assertEqual(imported('baasclient'), required(lines))
