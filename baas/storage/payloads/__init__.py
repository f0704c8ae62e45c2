# SPDX-License-Identifier: Apache-2.0
"""How backups of each kind of payload are verified and removed, on the
conductor: one file a kind."""
from baas import errors
from baas.storage.payloads import restic
from baas.storage.payloads import tar

KINDS = {'restic': restic, 'tar': tar}
"""All kinds, by name. Each has a function ``require``, ``verify`` and
``remove``."""


def of(name):
    """Give the module of a kind.

    :raises ConfigurationError: this release does not know it.
    """
    if name not in KINDS:
        raise errors.ConfigurationError(
            reason=f'There is no payload of kind {name}',
            remedy=f'Choose one of {", ".join(sorted(KINDS))}, or the '
                   'release of the service that knows it')
    return KINDS[name]
