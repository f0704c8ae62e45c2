# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.moment``: see :mod:`baas.moment.coordinator`."""
import sys

from baas.moment import coordinator
from baas import program

if __name__ == '__main__':
    sys.exit(program.main(
        'baas.moment', 'moment', coordinator.work,
        epilog='A further argument is --nodes JSON: how each node is reached, '
               'as the role "moment" hands it over.'))
