#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stands for ssh to a node that the scenario says to be unreachable: says why,
and ends as ssh does.

What it is sent is read before: where Ansible is still sending when ssh has
just ended, it may tell of that alone."""
import json
import pathlib
import sys


def main():
    """Say it; give the exit status."""
    scenario = json.loads(
        pathlib.Path(__file__).with_name('scenario.json').read_text())
    said = {node: plan['unreachable'] for step in scenario.values()
            for node, plan in step.items() if 'unreachable' in plan}
    for word in sys.argv:
        if word in said:
            print(said[word], file=sys.stderr)
    sys.stdin.buffer.read()
    return 255


if __name__ == '__main__':
    sys.exit(main())
