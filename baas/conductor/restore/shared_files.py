# SPDX-License-Identifier: Apache-2.0
"""Which files a restored node takes from a living member of its cluster.

Each member tells in its check what it has, as digests. What they agree on is
what members have in common; the rest is a node's own, or being changed."""
from baas.node.cluster import shared_files


def variables(kind):
    """Give the variables of the step in which files are taken.

    :param kind: :class:`baas.conductor.restore.restore.Restore`.
    """
    one = lender(kind)
    # A set has no living member: only one machine comes back to them.
    node = kind.nodes[0]
    return {
        'baas_lender': one or 'nobody',
        'baas_borrower': node if one else 'nobody',
        'baas_shared': common(kind),
        'baas_shared_archive': str(kind.folder.secrets / node
                                   / shared_files.ARCHIVE)}


def lender(kind):
    """Name the member that gives them, which is the one that has most; None:
    there is nothing to take."""
    wanted = common(kind)
    found = _found(kind)
    return max(sorted(found), key=lambda member: sum(
        bool(found[member].get(glob)) for glob in wanted)) if wanted else None


def common(kind):
    """List the globs of which all members that have any have the same
    (sorted)."""
    return sorted(glob for glob, digests in _by_glob(kind).items()
                  if len(digests) == 1)


def differing(kind):
    """List the globs of which members do not have the same (sorted)."""
    return sorted(glob for glob, digests in _by_glob(kind).items()
                  if len(digests) > 1)


def _by_glob(kind):
    found = {}
    for digests in _found(kind).values():
        for glob, digest in digests.items():
            if digest:
                found.setdefault(glob, set()).add(digest)
    return found


def _found(kind):
    return {member: check.get('shared') or {}
            for member, check in kind.members().items()}
