# SPDX-License-Identifier: Apache-2.0
"""What a boot method must be able to do."""
import abc


class Boot(abc.ABC):
    """A way to get a rescue system onto a blank machine.

    :param conf: the configuration (:class:`oslo_config.cfg.ConfigOpts`).
    """

    def __init__(self, conf):
        self.conf = conf

    @property
    @abc.abstractmethod
    def root(self):
        """Where the rescue system has mounted the disk to be restored."""

    @abc.abstractmethod
    def connection(self):
        """Give the Ansible variables that reach the rescue system of a node
        in place of the node itself.

        :returns: mapping of variable name to value; no secrets, only paths.
        """
