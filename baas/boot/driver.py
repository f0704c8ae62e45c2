# SPDX-License-Identifier: Apache-2.0
"""Loads the boot method that the configuration names."""
from oslo_config import cfg
from stevedore import driver
from stevedore import exception

from baas import errors


def load(conf=cfg.CONF, method=None):
    """Give a :class:`baas.boot.base.Boot`.

    :param method: its name; None for the configured one.
    :raises ConfigurationError: there is no such method.
    """
    try:
        return driver.DriverManager('baas.boot', method or conf.boot.method,
                                    invoke_on_load=True,
                                    invoke_args=(conf,)).driver
    except exception.NoMatches:
        raise errors.ConfigurationError(
            reason=f'There is no boot method {method or conf.boot.method}',
            remedy='Set [boot] method to one that is installed')
