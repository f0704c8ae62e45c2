# SPDX-License-Identifier: Apache-2.0
"""Loads the configured kind of storage; the only user of stevedore here."""
from stevedore import driver
from stevedore import exception
from stevedore import extension

from baas import errors

NAMESPACE = 'baas.storage'


def load(conf, cloud, read_only=None):
    """Make the storage that section [storage] asks for.

    :param conf: an oslo.config ConfigOpts.
    :param cloud: id of the cloud whose folder is meant (str); None for the
        folder in which those of all clouds are.
    :param read_only: True where it is another cloud than that of this
        service: nothing is changed there. None: so it is where all are.
    :returns: :class:`baas.storage.base.Storage`.
    :raises ConfigurationError: there is no such driver, or it lacks
        options.
    """
    name = conf.storage.driver
    try:
        manager = driver.DriverManager(NAMESPACE, name,
                                       warn_on_missing_entrypoint=False)
    except exception.NoMatches:
        known = sorted(extension.ExtensionManager(NAMESPACE).names())
        raise errors.ConfigurationError(
            reason=f'There is no storage driver {name}',
            remedy='Set [storage] driver to one of '
                   f'{", ".join(known) or "those that the package installs"}')
    made = manager.driver(conf, cloud)
    made.read_only = cloud is None if read_only is None else read_only
    return made
