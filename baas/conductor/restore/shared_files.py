# SPDX-License-Identifier: Apache-2.0
"""Which files a restored node takes from a living member of its cluster.

Each member tells in its check what it has, as digests. What they agree on is
what members have in common; the rest is a node's own, or being changed."""
from baas.jobs import variables
from baas.node.cluster import shared_files


def told(handler):
    """Give the variables of the step in which files are taken.

    :param handler: :class:`baas.conductor.restore.restore.Restore`.
    """
    one = source_member(handler)
    # A set has no living member: only one machine comes back to them.
    node = handler.nodes[0]
    return {
        'baas_source_member': one or variables.NOBODY,
        'baas_sync_node': node if one else variables.NOBODY,
        'baas_shared_files': common(handler),
        'baas_shared_files_archive': str(handler.workdir.secrets / node
                                         / shared_files.ARCHIVE)}


def source_member(handler):
    """Name the member that gives them, which is the one that has most; None:
    there is nothing to take."""
    wanted = common(handler)
    found = _found(handler)
    return max(sorted(found), key=lambda member: sum(
        bool(found[member].get(glob)) for glob in wanted)) if wanted else None


def common(handler):
    """List the globs of which all members that have any have the same
    (sorted)."""
    return sorted(glob for glob, digests in _by_glob(handler).items()
                  if len(digests) == 1)


def differing(handler):
    """List the globs of which members do not have the same (sorted)."""
    return sorted(glob for glob, digests in _by_glob(handler).items()
                  if len(digests) > 1)


def _by_glob(handler):
    found = {}
    for digests in _found(handler).values():
        for glob, digest in digests.items():
            if digest:
                found.setdefault(glob, set()).add(digest)
    return found


def _found(handler):
    return {member: check.get('shared') or {}
            for member, check in handler.members().items()}
