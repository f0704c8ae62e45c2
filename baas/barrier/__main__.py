# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.barrier``: see :mod:`baas.barrier.coordinator`."""
import sys

from baas.barrier import coordinator
from baas import program

if __name__ == '__main__':
    sys.exit(program.main(
        'baas.barrier', 'barrier', coordinator.work,
        epilog='A further argument is --nodes JSON: how each node is reached, '
               'as the role "barrier" hands it over.'))
