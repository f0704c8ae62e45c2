# SPDX-License-Identifier: Apache-2.0
"""Reads an INI inventory itself, for what Ansible does not say: of a host that
stands twice it silently takes the last of two values."""
import os
import shlex

from baas.runner.review import finding

_ADDRESSES = ('ansible_host', 'ansible_ssh_host', 'ansible_port')
_OTHERS = ('.yaml', '.yml', '.json', '.md', '.txt', '.rst', '.cfg', '.orig',
           '.bak', '.swp', '.retry', '.rpm', '~', '.pyc')


def findings(path):
    """Say which hosts have two addresses in INI files.

    :param path: of the inventory (str).
    :returns: list of :class:`baas.runner.review.finding.Finding`.
    """
    seen, found = {}, {}
    for file in _files(path):
        for number, host, name, value in _values(file):
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
    """Yield (line, host, variable, value) of a file that is no YAML."""
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            lines = file.read().splitlines()
    except OSError:
        return
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
    for word in words:
        name, _, value = word.partition('=')
        if name in _ADDRESSES:
            yield number, host, name, value
