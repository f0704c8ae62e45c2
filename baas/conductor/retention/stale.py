# SPDX-License-Identifier: Apache-2.0
"""A database that was set back knows neither what was kept nor what was had
back from the trash since: nothing is removed by its word."""
from baas.db.catalog import manifests
from baas import errors
from baas.requests import stored
from baas.storage import catalog


class Stale(errors.Conflict):
    """The database is older than what is stored: 409."""
    faultcode = 'baas.database.stale'
    title = 'Database stale'


def demand_current(storage, key):
    """Refuse to remove anything while the storage has whole backups that the
    database does not know.

    :param storage: :class:`baas.storage.base.Storage` of this cloud.
    :param key: its :class:`baas.keys.MasterKey`.
    :raises Stale: it has some.
    """
    missing = manifests.unknown(catalog.ids(storage))
    # What proves nothing, and what can never be known, stops nobody.
    rows, _refused = stored.rows(storage, key.cloud, catalog.read(
        storage, key, missing)[0]) if missing else ([], {})
    if rows:
        raise Stale(
            reason=f'{storage.location} has {len(rows)} backups that the '
                   'database does not know, which is an older copy or a new '
                   'one: nothing is removed by what it says',
            remedy='Run "baas-manage catalog import", see that what is in '
                   'the trash and what is not protected may go, and try '
                   'again')
