# SPDX-License-Identifier: Apache-2.0
"""baas-manage inventory ...: what the service makes of the inventory."""
import getpass

from oslo_config import cfg

from baas.conf import targets
from baas.runner import hosts
from baas.runner.review import connect
from baas.runner.review import report

_COLUMNS = ('target', 'node', 'reached at', 'bare metal', 'own machine')


def add_commands(commands):
    """Declare the commands.

    :param commands: what :meth:`argparse.ArgumentParser.add_subparsers` gave.
    """
    nouns = commands.add_parser(
        'inventory', help='the inventory of the control plane')
    verbs = nouns.add_subparsers(dest='verb', required=True)
    verb = verbs.add_parser(
        'check', help='show which nodes it has and how they are reached, and '
                      'what is missing or wrong; the exit status is 0 when '
                      'it can be used')
    verb.add_argument('--target', choices=targets.TARGETS,
                      help='look at this target alone')
    verb.add_argument('--connect', action='store_true',
                      help='log in to each node as a job does, too')
    verb.set_defaults(function=check)


def check():
    """Look at the inventory, without a database.

    :returns: exit status (int).
    """
    conf = cfg.CONF
    asked = conf.command
    seen = report.read(
        conf, (asked.target,) if asked.target else targets.TARGETS)
    if asked.connect:
        seen = seen.beside(connect.findings(seen.reached, conf))
    for name, value in (('inventory', conf.runner.inventory),
                        ('as user', getpass.getuser())):
        print(f'{name + ":":12}{value}')
    print()
    _table([_COLUMNS, *map(_row, seen.reached)])
    for kind, is_wrong in (('wrong', True), ('note', False)):
        _list(kind, [one for one in seen.findings
                     if one.is_wrong == is_wrong])
    wrong = sum(one.is_wrong for one in seen.findings)
    print('\nIt can be used.' if seen.is_usable else
          f'\nIt cannot be used: {wrong} '
          f'{"thing is" if wrong == 1 else "things are"} wrong.'
          if wrong else '\nIt cannot be used: no target has a node.')
    return 0 if seen.is_usable else 1


def _list(kind, findings):
    """Print findings, those with the same hint together."""
    for hint in dict.fromkeys(one.hint for one in findings):
        print()
        for one in findings:
            if one.hint == hint:
                print(f'{kind}: {one.cause}.')
        print(f'  hint: {hint}.')


def _row(one):
    node = one.node
    called = [value for name in hosts.NAMES
              if (value := getattr(node, name))] + list(node.macs)
    return (node.target, node.name, str(one), ' '.join(called) or '-',
            'yes' if one.is_own else 'no')


def _table(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print('  '.join(cell.ljust(width) for cell, width
                        in zip(row, widths)).rstrip())
