# SPDX-License-Identifier: Apache-2.0
"""baas-status: can this installation be upgraded, and is it well set up."""
import contextlib
import os
import pathlib
import sys

from baas.cmd import start

with start.service():
    from oslo_config import cfg
    from oslo_upgradecheck import upgradecheck

    from baas.conf import check
    from baas.conf import opts
    from baas.db.catalog import manifests as known
    from baas.db import clouds
    from baas.db import migration
    from baas.db import session
    from baas import errors
    from baas import keys
    from baas.runner import inventory
    from baas.runner import playbook
    from baas.storage import catalog
    from baas.storage import driver as storage
    from baas.storage import owner
    from baas.storage import payloads
    from baas.storage import signed


class Checks(upgradecheck.UpgradeCommands):
    """What must be well before the service is started or upgraded."""

    def _database(self):
        def look():
            session.configure()
            session.demand_url()
            if migration.is_absent():
                raise errors.ConfigurationError(
                    reason='There is no database yet',
                    remedy='Run "baas-manage db sync", or start '
                           'baas-standalone, which makes it')
            with session.explained():
                here, newest = migration.version(), migration.newest()
            migration.require_known(here)
            if here != newest:
                raise errors.ConfigurationError(
                    reason=f'The schema is at {here}, not {newest}',
                    remedy='Run "baas-manage db sync"')

        return self._try(look)

    def _key(self):
        path = pathlib.Path(cfg.CONF.payload.key_file)
        if not path.exists():
            return upgradecheck.Result(
                upgradecheck.Code.WARNING,
                f'There is no key {path}: put its copy there. Where nothing '
                'is stored yet, run "baas-manage key create", or start '
                'baas-standalone, which makes one.')

        def check():
            with session.explained():
                key = (keys.load(path) if migration.is_absent()
                       else clouds.key(cfg.CONF, settle=False))
            with contextlib.closing(
                    storage.load(cfg.CONF, key.cloud)) as place:
                signed.require(place, key, path)

        return self._try(check)

    def _copy(self):
        """Look whether somebody has shown a copy of the key."""
        missing = []

        def look():
            with self._stored() as (_place, key):
                missing.extend([keys.NOT_COPIED] if key and not (
                    clouds.is_copied(key)) else [])

        seen = self._try(look)
        return upgradecheck.Result(upgradecheck.Code.WARNING,
                                   missing[0]) if missing else seen

    def _storage(self):
        def look():
            # What it writes is in no folder of a cloud.
            with contextlib.closing(storage.load(
                    cfg.CONF, None, read_only=False)) as place:
                place.check()

        return self._try(look)

    def _owner(self):
        """Look whether another service writes to the storage."""
        def look():
            with self._stored() as (place, key):
                if place:
                    owner.look(place, key, clouds.known_instance()
                               or 'none yet: its database is new')

        return self._try(look)

    def _catalog(self):
        """Look whether the list of backups lacks any that are stored."""
        found, refused = [], {}

        def look():
            with self._stored() as (place, key):
                if place:
                    missing = known.unknown(catalog.ids(place))
                    more = catalog.read(place, key, missing)
                    found.extend(more[0])
                    refused.update(more[1])

        seen = self._try(look)
        if found or refused:
            return upgradecheck.Result(
                upgradecheck.Code.WARNING,
                f'The storage has {len(found)} backups that the database does '
                f'not know, and {len(refused)} that prove nothing. Look with '
                '"baas-manage catalog import --dry-run" which these are.')
        return seen

    @contextlib.contextmanager
    def _stored(self):
        """Open the storage of this cloud, with its key, once there are key
        and schema, or give (None, None): that they are missing others say."""
        with session.explained():
            ready = pathlib.Path(cfg.CONF.payload.key_file).exists() and not (
                migration.is_absent() or migration.is_behind())
            if not ready:
                yield None, None
                return
            key = clouds.key(cfg.CONF, settle=False)
            with contextlib.closing(
                    storage.load(cfg.CONF, key.cloud)) as place:
                yield place, key

    def _inventory(self):
        seen = self._try(inventory.nodes)
        if seen.code == upgradecheck.Code.SUCCESS:
            bad = ['{}. {}.'.format(*problem) for problem in (
                *(node.problem for node in inventory.nodes() if node.problem),
                *inventory.absent_groups())]
            if bad:
                return upgradecheck.Result(upgradecheck.Code.WARNING,
                                           ' '.join(bad))
        return seen

    def _playbooks(self):
        return self._try(playbook.folder)

    def _payload(self):
        kind = payloads.of(cfg.CONF.payload.kind)
        seen = self._try(kind.require, cfg.CONF)
        if seen.code == upgradecheck.Code.SUCCESS and not os.access(
                cfg.CONF.payload.age, os.X_OK):
            return upgradecheck.Result(
                upgradecheck.Code.WARNING,
                f'There is no program {cfg.CONF.payload.age}: backups are '
                'without the files of the service. Install age, or set '
                '[payload] age to where it is.')
        return seen

    def _try(self, look, *args):
        try:
            look(*args)
        except errors.BaasError as error:
            return self._bad(f'{error} {error.hint}')
        return self._well()

    def _well(self):
        return upgradecheck.Result(upgradecheck.Code.SUCCESS)

    def _bad(self, sentence):
        return upgradecheck.Result(upgradecheck.Code.FAILURE, sentence)

    _upgrade_checks = (('Database', _database), ('Key', _key),
                       ('Copy of the key', _copy),
                       ('Storage', _storage), ('Owner', _owner),
                       ('Catalog', _catalog),
                       ('Inventory', _inventory), ('Playbooks', _playbooks),
                       ('Payload', _payload))


@start.told
def main(argv=None):
    """Run the checks; give the exit status."""
    conf = cfg.CONF
    opts.register(conf)
    upgradecheck.register_cli_options(conf, Checks())
    with check.explained():
        opts.read(sys.argv[1:] if argv is None else argv, 'baas-status', conf)
        check.check(conf)
    return upgradecheck.run(conf)


if __name__ == '__main__':
    sys.exit(main())
