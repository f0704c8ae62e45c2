# SPDX-License-Identifier: Apache-2.0
"""How long something waits, as an option."""
from oslo_config import cfg
from oslo_config import types

from baas import duration


class _Delay(types.ConfigType):
    """Text such as 12h, 3d or 2w, or 0; checked, and kept as it is."""

    def __init__(self):
        super().__init__(type_name='delay')

    def __call__(self, value):
        duration.delay(value)
        return value

    def __eq__(self, other):
        return isinstance(other, _Delay)

    def _formatter(self, value):
        return value


def option(name, default, help):
    """Make an option that :func:`baas.duration.delay` reads.

    :param default: such as ``3d``.
    """
    return cfg.Opt(name, type=_Delay(), default=default, help=help)
