# SPDX-License-Identifier: Apache-2.0
"""How a program ends that cannot begin."""
import functools
import sys

from baas import errors


def told(main):
    """Have a program say in two sentences why it cannot begin: what its
    main() raises for operators becomes text and the exit status 1."""
    @functools.wraps(main)
    def run(*arguments):
        try:
            return main(*arguments)
        except errors.BaasError as error:
            print(f'error: {error}\n  hint: {error.hint}', file=sys.stderr)
            return 1
    return run
