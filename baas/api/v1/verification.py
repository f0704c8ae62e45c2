# SPDX-License-Identifier: Apache-2.0
"""What can be asked of a verification, and what it says."""
from wsme import types as wsme_types

from baas.api import resource
from baas.api import types
from baas import share as shares


class _Share(types.text):
    """A share of a whole, such as 5% or 1/30. Only in bodies."""
    name = 'share'

    def __init__(self):
        self.schema = {'type': 'string', 'pattern': f'^{shares.PATTERN}$'}
        self.reason = shares.REASON

    def convert(self, value):
        """See :class:`types.text`."""
        return shares.fraction(value)


share = _Share()


class Damage(wsme_types.Base):
    """One stored object that is not what it must be."""
    node = resource.field(str, 'The node that it is of.')
    object = resource.field(str, 'Its name in the storage.')
    what = resource.field(str, 'What is wrong with it, a few words.')
    files = resource.field(
        [str], 'Files of the backup that are hit, the first ones; empty where '
               'that is not known, or where all are.')


class Verification(wsme_types.Base):
    """What can be asked of a verification."""
    share = resource.field(
        share, 'How much of what is stored of the node is read back, such as '
               '5% or 1/30, beginning with what was not read for the longest '
               'time. Without it all is.',
        mandatory=False)


class SpotCheck(wsme_types.Base):
    """What can be asked of a spot check."""
    share = resource.field(
        share, 'How many of the files of the backup are compared, such as 1% '
               'or 1/1000. Without it the configuration of the service says '
               'so.', mandatory=False)
