# SPDX-License-Identifier: Apache-2.0
"""The API for a WSGI server: ``baas.wsgi.api:application``.

The arguments of the command line are the server's and are not read. The
configuration files are those that the environment variable
OS_BAAS_CONFIG_FILES names, separated by semicolons, or /etc/baas/baas.conf.
"""
import os

from oslo_config import cfg

from baas.api import app
from baas.conf import opts
from baas.db import migration
from baas.db import session

FILES = 'OS_BAAS_CONFIG_FILES'


def _application():
    named = os.environ.get(FILES, '')
    files = [name for name in named.split(';') if name]
    opts.load([f'--config-file={name}' for name in
               files or ['/etc/baas/baas.conf']], 'baas-api')
    session.configure(cfg.CONF)
    session.demand_url(cfg.CONF)
    migration.refuse_newer(cfg.CONF)
    return app.build(cfg.CONF)


application = _application()
