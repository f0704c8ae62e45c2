# SPDX-License-Identifier: Apache-2.0
"""Acts as a node in a step, as scenario.json beside it says, and writes down
that it was asked to."""
import json
import os
import pathlib
import sys
import time


def act(here, epoch, folder, step, node, is_asked, pause=time.sleep):
    """Do what the scenario says.

    :param here: the folder of the scenario.
    :param epoch: epoch of the claim.
    :param folder: working folder of the job.
    :param is_asked: False for one that acts only if the scenario names it.
    :param pause: waits for so many seconds.
    :returns: what the node says (dict, None for nothing).
    """
    plan = json.loads((here / 'scenario.json').read_text()).get(step, {})
    if node not in plan and not is_asked:
        return None
    plan = plan.get(node, plan.get('*', {}))
    with open(here / 'done.jsonl', 'a') as file:
        file.write(json.dumps({
            'step': step, 'node': node, 'epoch': int(epoch),
            'secrets': os.path.isdir(os.path.join(folder, 'secrets', node))})
            + '\n')
    pause(plan.get('sleep', 0))
    if 'fill' in plan:
        fill(plan['fill'])
    if 'fail' in plan:
        return {'verb': step, 'state': 'error',
                'error': {'cause': plan['fail'], 'hint': 'Do better.'}}
    return {'verb': plan.get('verb', step), 'state': 'done',
            'result': plan.get('result', {})}


def fill(path):
    """Write into a file until its file system has no room left."""
    size = 1 << 16
    with open(path, 'ab', buffering=0) as file:
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2


def main():
    """Act by the command line; give the exit status."""
    epoch, folder, step, node, is_asked = sys.argv[1:]
    said = act(pathlib.Path(__file__).parent, epoch, folder, step, node,
               is_asked == 'True')
    if said is None:
        return 0
    print(json.dumps({'baas': said}))
    return 1 if said['state'] == 'error' else 0


if __name__ == '__main__':
    sys.exit(main())
