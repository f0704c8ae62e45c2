# SPDX-License-Identifier: Apache-2.0
"""How this very program is called again."""
import os
import sys

import baas.node


def words():
    """Give the command that starts this program (list of str)."""
    folder = os.path.dirname(os.path.abspath(baas.node.__file__))
    archive = os.path.dirname(os.path.dirname(folder))
    if os.path.isfile(archive):
        return [sys.executable, archive]
    return [sys.executable, '-m', 'baas.node']
