# SPDX-License-Identifier: Apache-2.0
"""Which files a restored node takes from a living member of its cluster.

Each member tells in its check what it has, as digests. What they agree on is
what members have in common; the rest is a node's own, or being changed. All
functions take the checks: {member: result of its verb ``check``}."""


def source_member(checks):
    """Name the member that gives them, which is the one that has most; None:
    there is nothing to take."""
    wanted, found = common(checks), _found(checks)
    return max(sorted(found), key=lambda member: sum(
        bool(found[member].get(glob)) for glob in wanted)) if wanted else None


def common(checks):
    """List the globs of which all members that have any have the same
    (sorted)."""
    return sorted(glob for glob, digests in _by_glob(checks).items()
                  if len(digests) == 1)


def differing(checks):
    """List the globs of which members do not have the same (sorted)."""
    return sorted(glob for glob, digests in _by_glob(checks).items()
                  if len(digests) > 1)


def _by_glob(checks):
    found = {}
    for digests in _found(checks).values():
        for glob, digest in digests.items():
            if digest:
                found.setdefault(glob, set()).add(digest)
    return found


def _found(checks):
    return {member: check.get('shared') or {}
            for member, check in checks.items()}
