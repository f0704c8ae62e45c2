# SPDX-License-Identifier: Apache-2.0
"""All options together, for registration and for the sample file."""
import os

from oslo_config import cfg
from oslo_db import options as db_options
from oslo_log import log

from baas.conf import api
from baas.conf import boot
from baas.conf import cleanups
from baas.conf import conductor
from baas.conf import default
from baas.conf import payload
from baas.conf import quiesce
from baas.conf import rejoin
from baas.conf import rescue
from baas.conf import runner
from baas.conf import schedules
from baas.conf import snapshot
from baas.conf import storage
from baas.conf import targets
from baas.conf import verification


def list_opts():
    """Give (section, options) pairs, as oslo-config-generator asks for."""
    pairs = [(module.GROUP, module.OPTS)
             for module in (default, api, conductor, schedules, cleanups,
                            runner, targets, quiesce, snapshot, rescue,
                            rejoin, verification)]
    return (pairs + boot.list_opts()
            + payload.list_opts() + storage.list_opts())


def set_defaults():
    """Set our defaults of options of libraries."""
    # Paramiko raises what it writes down, there with a traceback, and we tell
    # it in a sentence or try again.
    log.set_defaults(default_log_levels=log.get_default_log_levels() + [
        'oslo_messaging=WARN', 'kombu=WARN', 'paramiko=CRITICAL',
        'ansible_runner=WARN',
        # More requests than threads is nothing that anybody must know of.
        'waitress=WARN', 'waitress.queue=ERROR'])


def register(conf=cfg.CONF):
    """Register every option; may be called again."""
    for group, opts in list_opts():
        conf.register_opts(opts, None if group == 'DEFAULT' else group)
    db_options.set_defaults(conf, connection=None)


def read(argv, prog, conf):
    """Read the configuration files of a program. Their paths are absolute
    from then on: what is started later reads them from another folder.

    :param argv: see :func:`load`, as for ``prog``.
    """
    conf(argv, project='baas', prog=prog)
    for name in ('config_file', 'config_dir'):
        if conf[name]:
            conf.set_override(name, [os.path.abspath(path)
                                     for path in conf[name]])


def load(argv, prog, conf=cfg.CONF, check=None):
    """Read the configuration files of a program and set up its log.

    :param argv: arguments of the command line, without the program's name;
        a WSGI module gives [].
    :param prog: name of the program.
    :param check: called with the configuration before anything is made, such
        as a file for the log.
    """
    register(conf)
    log.register_options(conf)
    set_defaults()
    read(argv, prog, conf)
    if check:
        check(conf)
    log.setup(conf, 'baas')
