# SPDX-License-Identifier: Apache-2.0
"""The kinds of commands that osc_lib has, quicker to start, and what each
calls its arguments."""
import argparse
import re

from osc_lib.command import command

_DESTINATIONS = {
    'backup_id': ('backup',), 'id': ('job', 'restore'), 'label': ('labels',),
    'nodeid': ('node',), 'ping_url': ('ping_file',), 'set_id': ('set',),
    'stopall': ('stop_all',)}
"""Where commands keep arguments of the API under names of their own."""


class _Ours:
    def get_parser(self, prog_name):
        """Declare the arguments."""
        self._parser = super().get_parser(prog_name)
        return self._parser

    def get_epilog(self):
        """Give the last line of the help.

        cliff would find it out by reading the metadata of every installed
        package, for every command: a tenth of its time.
        """
        return 'This command is provided by the openstack-baas plugin.'

    @property
    def client(self):
        """The :class:`baasclient.http.Client`, which calls arguments as this
        command does."""
        client = self.app.client_manager.baas
        client.called = called(self._parser)
        return client


class Command(_Ours, command.Command):
    """A command that shows nothing."""


class Lister(_Ours, command.Lister):
    """A command that shows a list."""


class ShowOne(_Ours, command.ShowOne):
    """A command that shows one thing."""


def called(parser):
    """Tell what users call the arguments of the API in a command.

    :param parser: that of the command.
    :returns: mapping of names to pairs such as ``('option', '--set')`` and
        ``('argument', '<job>')``.
    """
    found = {}
    for action in parser._actions:
        found.setdefault(action.dest, (
            'option', action.option_strings[-1]) if action.option_strings
            else ('argument', action.metavar))
    for name, destinations in _DESTINATIONS.items():
        for destination in destinations:
            if destination in found:
                found.setdefault(name, found[destination])
    return found


def whole(text):
    """Read a whole number of the command line (int).

    :raises ArgumentTypeError: it is none.
    """
    # int() would take other digits, too, and has words of its own for what
    # has thousands of them.
    if not re.fullmatch('-?[0-9]{1,15}', text):
        raise argparse.ArgumentTypeError(
            'must be a whole number of at most 15 digits')
    return int(text)
