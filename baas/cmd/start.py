# SPDX-License-Identifier: Apache-2.0
"""How a program begins, and says in words that it cannot. Imports nothing
that only the service needs: the client is installed without it."""
import contextlib
import functools
import importlib
import logging
import signal
import sys

from baas import errors


@contextlib.contextmanager
def service():
    """Import inside of this what only the service has: where that is not
    installed, or the Python is too old for it, the program ends with a
    sentence."""
    if sys.version_info < (3, 11):  # pragma: no cover - Python is newer
        say('The service needs Python 3.11 or newer, and this is %d.%d.'
            % sys.version_info[:2],
            'Install it with a newer Python; the commands of "openstack" '
            'need 3.9.')
        raise SystemExit(1)
    try:
        importlib.import_module('baas.threads').choose()
        yield
    except KeyboardInterrupt:
        # Nothing was begun that there is anything to say of.
        raise SystemExit(128 + signal.SIGINT)
    except ModuleNotFoundError as error:
        if (error.name or 'baas').partition('.')[0] == 'baas':
            raise  # pragma: no cover - a mistake of our own
        say('This is the client alone: the part of BaaS that is the service '
            f'is not installed, for there is no Python module {error.name}.',
            "Install it with: pip install 'openstack-baas[service]'")
        raise SystemExit(1)


def told(main):
    """Decorate the main function of a program: what is wrong is a sentence
    and a hint on the standard error, and exit status 1."""
    @functools.wraps(main)
    def run(*args, **kwargs):
        try:
            return main(*args, **kwargs)
        except errors.BaasError as error:
            say(str(error), error.hint)
            return 1
        except Exception as error:
            logging.getLogger('baas').critical('Unforeseen', exc_info=True)
            said = ' '.join(str(error).split()).rstrip('.')
            say(f'What nobody has foreseen: {type(error).__name__}: {said}.',
                'Look at its log for where that was; report it if nothing '
                'that it names is wrong.')
            return 1
    return run


def say(cause, hint):
    """Write a cause and a hint to the standard error."""
    print(f'error: {cause}\n  hint: {hint}', file=sys.stderr)
