# SPDX-License-Identifier: Apache-2.0
"""That what was to be removed of nodes was: to Ansible it is no failure that
the inventory does not have a node any more."""
from baas import errors


class NotRemoved(errors.BaasError):
    """What is stored of a node was to be removed, and nobody did."""
    faultcode = 'baas.storage.not_removed'
    title = 'Not removed'
    message = 'What is stored of {nodes} was not removed.'
    hint = ('See that the inventory has {nodes}, if only by name, and delete '
            'it again.')


def demand(progress, nodes):
    """Make sure that each node has said so, or why not.

    :param progress: the :class:`baas.runner.progress.Progress` of the run.
    :param nodes: names of the nodes.
    :raises NotRemoved: one has done neither.
    """
    silent = [node for node in nodes if node not in progress.failures
              and 'remove' not in progress.results.get(node, {})]
    # A run that failed or was ended says why by itself.
    if silent and progress.status == 'successful':
        raise NotRemoved(nodes=', '.join(sorted(silent)))
