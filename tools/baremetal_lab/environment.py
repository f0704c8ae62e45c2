# SPDX-License-Identifier: Apache-2.0
"""Python environments of services that want other libraries than ours."""
import pathlib
import secrets

from container_lab import running

MAKE = pathlib.Path(__file__).parents[1] / 'environments' / 'make'
# The password comes by the standard input: a command line is seen by all.
_HTPASSWD = ('import bcrypt, sys; print("{user}:" + bcrypt.hashpw('
             'sys.stdin.read().encode(), bcrypt.gensalt(5)).decode())')


def programs(name):
    """Give the folder of an environment's programs, made if need be.

    :param name: of a list in ``tools/environments``.
    """
    return pathlib.Path(running.run(MAKE, name).strip()) / 'bin'


def account(bin_folder, user, file):
    """Write an htpasswd file for one new account; give its password.

    :param bin_folder: programs of an environment that has bcrypt.
    :param user: name of the account.
    :param file: the path to write, readable by root alone.
    """
    password = secrets.token_urlsafe(16)
    line = running.run(bin_folder / 'python', '-c',
                       _HTPASSWD.format(user=user), text=password)
    write_secret(file, line)
    return password


def write_secret(file, text):
    """Write a file that only root can read."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text)
