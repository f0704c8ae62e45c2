# SPDX-License-Identifier: Apache-2.0
"""Options of clean-ups."""
from baas.conf import delay

GROUP = 'cleanups'
OPTS = [
    delay.option('delete_delay', default='3d',
                 help='How long the sets that a clean-up removes stay in the '
                      'trash, such as 12h, 3d or 2w: until then they can be '
                      'had back, and take their room. 0 removes them at '
                      'once.'),
]
