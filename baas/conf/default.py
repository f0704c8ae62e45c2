# SPDX-License-Identifier: Apache-2.0
"""Options outside any section."""
from baas.conf import place

GROUP = 'DEFAULT'
OPTS = [
    place.option('state_path', default='/var/lib/baas',
                 help='Folder of the service for what must outlive a restart: '
                      'the SQLite database, the key, the working folders of '
                      'jobs. Change it when that disk is too small or the '
                      'service does not run as root.'),
]
