# SPDX-License-Identifier: Apache-2.0
"""Whether the master key is kept elsewhere, too."""
from baas.db import clouds
from baas import keys


def warnings(key):
    """Say so until somebody has shown a copy.

    :param key: :class:`baas.keys.MasterKey`.
    :returns: list of (level, node, sentence) for the log of the job.
    """
    return [] if clouds.is_copied(key) else [
        ('warning', None, keys.NOT_COPIED)]
