# SPDX-License-Identifier: Apache-2.0
"""baas-manage: what an operator does beside the running service."""
import sys

from oslo_config import cfg
from oslo_log import log

from baas.conf import opts
from baas.db import migration
from baas.db import session


def main(argv=None):
    """Do one command.

    :returns: exit status (int).
    """
    conf = cfg.CONF
    conf.register_cli_opt(cfg.SubCommandOpt(
        'command', title='Commands', handler=_add_commands))
    # oslo.log writes to the standard output, which carries the answer here.
    log.register_options(conf)
    conf.set_default('use_stderr', True)
    opts.load(sys.argv[1:] if argv is None else argv, 'baas-manage')
    session.configure(conf)
    conf.command.function()
    return 0


def _add_commands(commands):
    nouns = commands.add_parser('db', help='the schema of the database')
    verbs = nouns.add_subparsers(dest='verb', required=True)
    verbs.add_parser(
        'sync', help='bring the schema to this version of the service'
    ).set_defaults(function=migration.upgrade)
    verbs.add_parser(
        'version', help='show the revision of the schema'
    ).set_defaults(function=_show_version)


def _show_version():
    print(migration.version() or 'none: run "baas-manage db sync"')


if __name__ == '__main__':
    sys.exit(main())
