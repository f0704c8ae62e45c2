# SPDX-License-Identifier: Apache-2.0
"""What Ansible says of an inventory that it has read: of that, too, nothing is
repeated but names, see :mod:`baas.runner.unread`."""
import re

from baas.runner.review import finding
from baas.runner import unread

_DUPLICATE = re.compile(
    r"(?:Found|found a) duplicate (?:mapping|dict) key '?\(?'?([^')\s]+)")
_KEY = re.compile(r'Skipping\s+unexpected\s+key\s+\((.+?)\)\s+in\s+group\s+'
                  r'\((.+?)\)', re.DOTALL)


def findings(said):
    """Say what was passed over.

    :param said: what Ansible has written to the standard error.
    :returns: list of :class:`baas.runner.review.finding.Finding`.
    """
    return [*dict.fromkeys(_duplicates(said))] + [finding.Finding(
        f'{name} in the group {group} is none of hosts, children and vars: it '
        'is not read', 'Indent it as what it is')
        for name, group in dict.fromkeys(_KEY.findall(said))]


def _duplicates(said):
    for match in _DUPLICATE.finditer(said):
        place = unread.ORIGIN.search(said, match.end())
        yield finding.Finding(
            f'{match[1].rstrip(".")} stands twice in one mapping'
            + (f' of {place[1]}, line {place[2]}' if place else '')
            + ': what came first is not read',
            'Write it once, with all that is to be said of it')
