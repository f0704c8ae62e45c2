# SPDX-License-Identifier: Apache-2.0
"""The header that names microversions: of each service at most one."""
import re

_VERSION = re.compile(r'latest|(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)')


def fault(header, service):
    """Tell what is wrong with a header; None: nothing is.

    :param header: services and versions, with commas between pairs; those
        of other services are no matter of ours.
    :param service: type of this service.
    :returns: half a sentence, or None.
    """
    seen = False
    for item in header.split(','):
        words = item.split()
        if words and words[0].lower() != service:
            if len(words) != 2:
                return 'does not name a service and its version'
        elif words:
            if seen:
                return 'names two versions of this service'
            seen = True
            if len(words) != 2 or not _VERSION.fullmatch(words[1]):
                return 'names no version of this service'
    return None
