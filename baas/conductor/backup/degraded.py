# SPDX-License-Identifier: Apache-2.0
"""A set without the nodes that nothing answers for, if the request allows
one: which these are, and what is said of them."""

ALLOW = 'allow_degraded'
_OFFER = ('If the node is down and the backup must not wait, ask for a set '
          'without it: allow_degraded (--allow-degraded).')


def silent(progress, nodes):
    """Tell which nodes a check could do without.

    :param progress: the :class:`baas.runner.progress.Progress` of the check.
    :param nodes: names of all nodes that were to be checked.
    :returns: {node: {cause, hint, task}}; {} unless at least one other has
        answered, and all others have answered well.
    """
    if progress.status not in ('successful', 'failed'):
        return {}
    lost = {node: failure for node, failure in progress.failures.items()
            if node in progress.silent}
    others = set(nodes) - set(lost)
    if not others or len(lost) < len(progress.failures) or any(
            'check' not in progress.results.get(node, {})
            for node in others):
        return {}
    return lost


def offer(failures, lost):
    """Say of nodes how a set is taken without them.

    :param failures: {node: {cause, hint, ...}}; these hints are changed.
    :param lost: names of nodes among them.
    """
    for node in lost:
        failures[node] = {**failures[node],
                          'hint': f'{failures[node]["hint"]} {_OFFER}'}


def left_out(lost):
    """Say why a set has no backup of some nodes: {node: {cause}}.

    :param lost: as :func:`silent` gives it.
    """
    return {node: {'cause': f'The set was taken without it, as {ALLOW} '
                            f'says: {failure["cause"]}'}
            for node, failure in lost.items()}


def sentence(missing):
    """Say which nodes a set is taken without.

    :param missing: their names, not none.
    """
    return (f'The set is taken without {", ".join(sorted(missing))}, which '
            f'cannot be reached: it is degraded, and counts as no good one.')
