# SPDX-License-Identifier: Apache-2.0
"""Where something lies, as an option."""
from oslo_config import cfg
from oslo_config import types


class _Place(types.String):
    """An absolute path: what the service starts works in other folders, and
    on other machines."""

    def __call__(self, value):
        value = super().__call__(value)
        if value and not value.startswith('/'):
            raise ValueError(f'{value} is no absolute path')
        return value


def option(name, help, default=None):
    """Make an option that is an absolute path.

    :param default: such as ``/var/lib/baas``.
    """
    return cfg.Opt(name, type=_Place(), default=default, help=help)
