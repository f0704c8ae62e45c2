# SPDX-License-Identifier: Apache-2.0
"""python -m baas.conf.sample: oslo-config-generator with threads.

oslo.messaging, whose options are in the sample file, imports oslo.service,
and that takes eventlet, and warns of it, unless threads were chosen before.
"""
import sys

from baas import threads

threads.choose()

from oslo_config import generator  # noqa: E402

if __name__ == '__main__':
    sys.exit(generator.main())
