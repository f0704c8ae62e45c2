# SPDX-License-Identifier: Apache-2.0
"""baas-manage: what an operator does beside the running service."""
import argparse
import contextlib
import signal
import sys

from baas.cmd import start

with start.service():
    from oslo_config import cfg
    from oslo_log import log

    from baas.boot.images import full_iso
    from baas.cmd import catalog
    from baas.cmd import inventory
    from baas.cmd import master_key
    from baas.cmd import offline
    from baas.cmd import ownership
    from baas.cmd import service
    from baas.conf import check
    from baas.db import backups
    from baas.db import clouds
    from baas.db import conductors
    from baas.db import migration
    from baas.db import session
    from baas import errors
    from baas.storage import driver

_WITHOUT_DATABASE = (inventory.check, service.extract, offline.restore)
_UNITS = {'': 1, 'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}


@start.told
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
    check.load(sys.argv[1:] if argv is None else argv, 'baas-manage')
    if conf.command.function not in _WITHOUT_DATABASE:
        _demand_database(conf)
    # Killed at once, it would leave what it has mounted and half a file.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with session.explained():
            return conf.command.function() or 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _demand_database(conf):
    session.configure(conf)
    session.demand_url(conf)
    if conf.command.function is not _show_version:
        migration.refuse_newer(conf)


def _add_commands(commands):
    nouns = commands.add_parser('db', help='the schema of the database')
    verbs = nouns.add_subparsers(dest='verb', required=True)
    verbs.add_parser(
        'sync', help='bring the schema to this version of the service'
    ).set_defaults(function=_sync)
    verbs.add_parser(
        'version', help='show the revision of the schema'
    ).set_defaults(function=_show_version)
    master_key.add_commands(commands)
    catalog.add_commands(commands)
    service.add_commands(commands)
    offline.add_commands(commands)
    ownership.add_commands(commands)
    inventory.add_commands(commands)
    nouns = commands.add_parser('backup', help='what is stored of a node')
    verbs = nouns.add_subparsers(dest='verb', required=True)
    verb = verbs.add_parser(
        'iso', help='write one ISO image that boots, and holds all of a '
                    'backup')
    verb.add_argument('backup', metavar='BACKUP', help='id of the backup')
    verb.add_argument('file', metavar='FILE', help='where it is written')
    verb.add_argument('--limit', metavar='SIZE', type=_size,
                      help='how large it may become, such as 4700M')
    verb.set_defaults(function=_write_iso)
    verb = verbs.add_parser(
        'key', help='print the key that an ISO image of a backup asks for; '
                    'it opens all backups of the node')
    verb.add_argument('backup', metavar='BACKUP', help='id of the backup')
    verb.set_defaults(function=_show_key)


def _size(text):
    number, unit = text.rstrip('KMG'), text[-1:] if text[-1:] in 'KMG' else ''
    if not number.isdigit() or len(text) - len(number) > 1:
        raise argparse.ArgumentTypeError(
            f'{text!r} is no size: write it like 4700M or 8G')
    return int(number) * _UNITS[unit]


def _write_iso():
    conf, asked = cfg.CONF, cfg.CONF.command
    row = backups.get(asked.backup)
    key = clouds.key(conf)
    with contextlib.closing(driver.load(conf, key.cloud)) as storage:
        size = full_iso.make(
            conf, storage, key, row, asked.file,
            limit=asked.limit, report=lambda line: print(
                f'{line} ...', file=sys.stderr, flush=True))
    print(f'{asked.file}: {size >> 20} MiB')  # pragma: no cover - takes long


def _show_key():
    row = backups.get(cfg.CONF.command.backup)
    print(full_iso.key(clouds.key(cfg.CONF), row))


def _sync():
    """Bring the schema up, unless somebody works with the one that is."""
    before = migration.version()
    if before is not None and migration.is_behind():
        _demand_quiet(before)
    migration.upgrade()


def _demand_quiet(before):
    if before < '0005':
        return  # who works with it does not write down that it does
    for row in conductors.alive(cfg.CONF.conductor.lease):
        raise errors.Conflict(
            reason=f'Conductor {row.host} works with schema {before}: '
                   f'process {row.pid} on {row.machine}',
            remedy='Stop all conductors and APIs, then run this again')


def _show_version():
    here = migration.version()
    print(here or 'none: run "baas-manage db sync"')
    migration.require_known(here)


if __name__ == '__main__':
    sys.exit(main())
