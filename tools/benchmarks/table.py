# SPDX-License-Identifier: Apache-2.0
"""One table a benchmark, and how it was measured."""
import os
import platform


def show(title, head, rows, notes):
    """Print a table.

    :param head: names of the columns.
    :param rows: rows of cells, all text.
    :param notes: sentences that say how it was measured and what it means.
    """
    lines = [list(head), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines)
              for column in range(len(head))]
    print(f'\n{title}\n')
    for number, line in enumerate(lines):
        print('  ' + '  '.join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))))
        if not number:
            print('  ' + '  '.join('-' * width for width in widths))
    print()
    for note in notes:
        print(f'  {note}')
    print(f'  {os.cpu_count()} processors, Python '
          f'{platform.python_version()}, load before the end '
          f'{os.getloadavg()[0]:.1f}.', flush=True)


def judge(name, value, goal, aim=None, more_is_better=False, unit=''):
    """Say whether a goal is met.

    :returns: the sentence, and 0 or 1 for the exit status.
    """
    def met(bound):
        return value >= bound if more_is_better else value <= bound
    sign = '>=' if more_is_better else '<='
    wanted = f'goal {sign} {goal}{unit}' + (
        f', aim {sign} {aim}{unit}' if aim else '')
    verdict = 'met' if met(goal) else 'MISSED'
    return f'{name}: {value:.1f}{unit} ({wanted}): {verdict}.', int(
        not met(goal))
