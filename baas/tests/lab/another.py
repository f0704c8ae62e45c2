# SPDX-License-Identifier: Apache-2.0
"""A lab of its own for a suite, beside the one of the suite ``lab``."""
import os


def settle(name, number, shape='plain'):
    """Have the tests of this process use another lab.

    It counts for modules of this package that are imported later, so that the
    package of a suite calls it first. Whatever lab the environment names is
    left to the suite ``lab``, which may be at work on it.

    :param name: of the lab, nine letters at most: its folder, bridge and
        machines are called after it.
    :param number: that of its network, 172.31.<number>.0/24.
    :param shape: which one it has, see tools/lab.
    """
    for variable, value in (
            ('DIR', f'/var/lib/baas-lab-{name}'), ('BRIDGE', f'baas-{name}'),
            ('CACHE', '/var/lib/baas-lab/cache'),
            ('NETWORK', f'172.31.{number}'), ('BADGE', name),
            ('SHAPE', shape)):
        os.environ[f'BAAS_LAB_{variable}'] = value
