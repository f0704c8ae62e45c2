# SPDX-License-Identifier: Apache-2.0
"""Lets ``python -m baas.node`` do what the pushed program does."""
import sys

from baas.node import main

if __name__ == '__main__':
    sys.exit(main.main(sys.argv[1:]))
