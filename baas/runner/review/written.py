# SPDX-License-Identifier: Apache-2.0
"""Reads the files of an inventory itself, for what Ansible does not say: of a
host that stands twice it silently takes the last of two values, and of a range
that ends before it begins no host."""
import os
import re
import shlex

import yaml

from baas.runner.review import finding

_ADDRESSES = ('ansible_host', 'ansible_ssh_host', 'ansible_port')
_YAML = ('.yaml', '.yml', '.json')
# With libyaml where it is there: 3000 hosts take 0.08 s in place of 0.6.
_LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
_RANGE = re.compile(r'\[(\d+):(\d+)(?::\d+)?\]')
_OTHERS = ('.md', '.txt', '.rst', '.cfg', '.orig', '.bak',
           '.swp', '.retry', '.rpm', '~', '.pyc')


def findings(path):
    """Say which hosts have two addresses, and which ranges have no host.

    :param path: of the inventory (str).
    :returns: list of :class:`baas.runner.review.finding.Finding`.
    """
    seen, found = {}, {}
    for file in _files(path):
        for number, host, name, value in _values(file):
            if name is None:
                found[file, number] = finding.Finding(
                    f'{host} in {file}, line {number}, is a range without '
                    'hosts', 'Write the smaller end first')
                continue
            before = seen.setdefault((host, name), (value, file, number))
            if before[0] != value:
                found.setdefault((host, name), finding.Finding(
                    f'{host} has two values of {name}: in {before[1]}, line '
                    f'{before[2]}, and in {file}, line {number}',
                    f'Write {name} of {host} once; if there are two machines, '
                    'give each a name of its own'))
    return list(found.values())


def _files(path):
    if os.path.isdir(path):
        paths = [os.path.join(path, name) for name in sorted(os.listdir(path))]
    else:
        paths = [path]
    return [one for one in paths if os.path.isfile(one)
            and not one.endswith(_OTHERS) and not os.access(one, os.X_OK)]


def _values(path):
    """Yield (line, host, variable, value); (line, range, None, None) of a
    range that has no host."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            text = file.read()
    except OSError:
        return
    if path.endswith(_YAML):
        yield from _of_yaml(text)
    else:
        yield from _of_ini(text.splitlines())


def _of_yaml(text):
    try:
        top = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError:
        return  # Ansible has its own words for it
    todo = [group for _, group in _pairs(top)]
    while todo:
        parts = dict(_pairs(todo.pop()))
        todo += [group for _, group in _pairs(parts.get('children'))]
        for host, variables in _pairs(parts.get('hosts')):
            if _is_void(host):
                yield variables.start_mark.line + 1, host, None, None
            for name, value in _pairs(variables):
                if name in _ADDRESSES:
                    yield (value.start_mark.line + 1, host, name,
                           str(value.value))


def _pairs(node):
    return [(key.value, value) for key, value in node.value
            if isinstance(key, yaml.ScalarNode)] if isinstance(
                node, yaml.MappingNode) else []


def _is_void(host):
    """Tell whether a name has a range that ends before it begins."""
    return any(int(first) > int(last)
               for first, last in _RANGE.findall(host))


def _of_ini(lines):
    if not any(line.startswith('[') for line in lines):
        return
    of_hosts = True
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line.startswith('[') and line.endswith(']'):
            of_hosts = ':' not in line
        elif of_hosts and line and line[0] not in '#;':
            yield from _words(number, line)


def _words(number, line):
    try:
        host, *words = shlex.split(line, comments=True)
    except ValueError:
        return
    if _is_void(host):
        yield number, host, None, None
    for word in words:
        name, _, value = word.partition('=')
        if name in _ADDRESSES:
            yield number, host, name, value
