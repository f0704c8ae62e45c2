# SPDX-License-Identifier: Apache-2.0
"""What the pages name is there."""
import configparser
import importlib
import pathlib
import re
import shlex
import unittest

from baas.conf import opts

TOP = pathlib.Path(__file__).parents[3]
PAGES = sorted([*(TOP / 'doc/source').rglob('*.rst'), TOP / 'README.rst'])
OURS = ('backup', 'control', 'overcloud', 'restore', 'undercloud')


def text(page):
    """Give a page in one line."""
    return ' '.join(page.read_text().split())


def shown(page):
    """Give the words of each of our commands that a page shows: in a line of
    its own after a prompt, those that it continues on with it, or in a
    sentence."""
    whole = page.read_text()
    lines = re.sub(r'\\\n\s+', ' ', whole)
    found = re.findall(r'^ +[$#] (openstack .*)$', lines, re.M)
    found += re.findall(r'``(openstack [^`]*)``', text(page))
    for line in found:
        words = shlex.split(line.replace('...', ''), comments=True)
        if words[1:] and words[1] in OURS:
            yield words[1:]


class PagesTest(unittest.TestCase):

    def test_options_are_of_the_section_that_is_named_with_them(self):
        known = {}
        for group, options in opts.list_opts():
            known.setdefault(str(group), set()).update(
                option.dest for option in options)
        self.assertIn('quiesce', known)
        self.assertEqual([], [
            (page.name, section, name) for page in PAGES
            for section, name in re.findall(r'``\[(\w+)\] (\w+)', text(page))
            if section != 'DEFAULT' and not section.startswith('oslo_')
            and name not in known.get(section, ())])

    def test_commands_are_there_and_take_the_options_that_are_shown(self):
        setup = configparser.ConfigParser()
        setup.read(TOP / 'setup.cfg')
        known = dict(line.split(' = ') for line in setup['entry_points'][
            'openstack.baas.v1'].strip().splitlines())
        wrong, seen = [], 0
        for page in PAGES:
            for words in shown(page):
                seen += 1
                name = '_'.join(words)
                command = max((one for one in known if (name + '_').startswith(
                    one + '_')), key=len, default=None)
                if command is None:
                    # A sentence may name a group of commands.
                    if not any(one.startswith(name + '_') for one in known):
                        wrong.append((page.name, ' '.join(words)))
                    continue
                module, _, title = known[command].partition(':')
                parser = getattr(importlib.import_module(module), title)(
                    None, None).get_parser(name)
                wrong += [(page.name, ' '.join(words)) for word in words
                          if word.startswith('-') and word.partition('=')[0]
                          not in parser._option_string_actions]
        self.assertGreater(seen, 50)
        self.assertEqual([], wrong)
