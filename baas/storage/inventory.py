# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.storage.inventory``: writes down what is stored of a node
before a capture, so that ``verify`` knows afterwards what is new.

Job file: {"node": name, "before": path of the file to write}."""
import json
import os
import sys

from baas.storage import driver
from baas.storage import program
from baas.storage import readback


def work(conf, job):
    """Write the list of files.

    :returns: {files, bytes}.
    """
    node, path = job.get('node', str), job.get('before', str)
    storage = driver.load(conf)
    try:
        found = readback.inventory(storage, node)
    finally:
        storage.close()
    temporary = f'{path}.new'
    with open(temporary, 'w') as file:
        json.dump({'node': node, 'names': sorted(found)}, file)
    os.replace(temporary, path)
    return {'files': len(found), 'bytes': sum(found.values())}


if __name__ == '__main__':
    sys.exit(program.main('inventory', work))
