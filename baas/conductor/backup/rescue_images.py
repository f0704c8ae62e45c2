# SPDX-License-Identifier: Apache-2.0
"""The rescue images of the nodes of a backup."""
from baas.storage import parts


def options(conf, storage, node):
    """Give the options of the verb ``rescue`` of a node (dict)."""
    share = storage.share()
    return {'image': conf.rescue.image, 'minutes': conf.rescue.time_limit,
            'kernel_params': conf.boot.kernel_params,
            'store': storage.store(), 'folder': parts.folder(node, 'rescue'),
            **({'share': share} if share else {})}


def warnings(results):
    """Say which nodes have none, and why.

    :param results: {node: {verb: result}}.
    :returns: list of (level, node, sentence) for the log of the job.
    """
    found = {node: said['rescue'].get('warning')
             for node, said in sorted(results.items()) if 'rescue' in said}
    return [('warning', node, f'{said["cause"]} {said["hint"]}')
            for node, said in found.items() if said]


def with_disks(found):
    """Give what a node said of its capture, with the disks that its rescue
    image makes anew, where there is one; a plan of a restore asks
    :func:`baas.node.disks.matching.choose` with them.

    :param found: {verb: result} of the node.
    """
    captured, disks = found.get('capture'), found.get('rescue', {}).get(
        'disks')
    if not captured or not disks:
        return captured
    return {**captured, 'layout': {**captured['layout'], 'disks': disks}}
