# SPDX-License-Identifier: Apache-2.0
"""The API for a WSGI server: ``baas.wsgi.api:application``.

The arguments of the command line are the server's and are not read. The
configuration files are those that the environment variable
OS_BAAS_CONFIG_FILES names, separated by semicolons, or /etc/baas/baas.conf.
What baas-api refuses at its start is refused here, and the umask of the
process is that of baas-api.
"""
import os

from baas.api import app
from baas.api.http import start
from baas import errors

FILES = 'OS_BAAS_CONFIG_FILES'


def _application():
    named = os.environ.get(FILES, '')
    files = [name for name in named.split(';') if name]
    try:
        return app.build(start.load([
            f'--config-file={name}'
            for name in files or ['/etc/baas/baas.conf']]))
    except errors.BaasError as error:
        # A server shows no more than the traceback.
        error.add_note(f'  hint: {error.hint}')
        raise


application = _application()
