# SPDX-License-Identifier: Apache-2.0
"""The kinds of commands that osc_lib has, quicker to start."""
from osc_lib.command import command


class _Epilog:
    def get_epilog(self):
        """Give the last line of the help.

        cliff would find it out by reading the metadata of every installed
        package, for every command: a tenth of its time.
        """
        return 'This command is provided by the openstack-baas plugin.'


class Command(_Epilog, command.Command):
    """A command that shows nothing."""


class Lister(_Epilog, command.Lister):
    """A command that shows a list."""


class ShowOne(_Epilog, command.ShowOne):
    """A command that shows one thing."""
