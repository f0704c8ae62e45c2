# SPDX-License-Identifier: Apache-2.0
"""Acts as a node in a step, as scenario.json beside it says, and writes down
that it was asked to."""
import json
import os
import pathlib
import sys
import time

here = pathlib.Path(__file__).parent
job, epoch, folder, step, node, is_asked = sys.argv[1:]
plan = json.loads((here / 'scenario.json').read_text()).get(step, {})
if node not in plan and is_asked != 'True':
    sys.exit()
plan = plan.get(node, plan.get('*', {}))
with open(here / 'done.jsonl', 'a') as file:
    file.write(json.dumps({
        'step': step, 'node': node, 'epoch': int(epoch),
        'secrets': os.path.isdir(os.path.join(folder, 'secrets', node))})
        + '\n')
time.sleep(plan.get('sleep', 0))
if 'fail' in plan:
    said = {'verb': step, 'state': 'error',
            'error': {'cause': plan['fail'], 'hint': 'Do better.'}}
else:
    said = {'verb': plan.get('verb', step), 'state': 'done',
            'result': plan.get('result', {})}
print(json.dumps({'baas': said}))
sys.exit('fail' in plan)
