# SPDX-License-Identifier: Apache-2.0
"""The master key is made once, where there is nothing yet that needs one."""
import contextlib

from baas.db import backups
from baas.db import clouds
from baas.db import migration
from baas.db import session
from baas import errors
from baas import keys
from baas.storage import driver

_REMEDY = ('Put the copy of the master key there, with mode 0600; a new key '
           'would not open what is stored')
_NO_BACKUPS = ('lost+found',)


def make(conf, beside=False):
    """Make the master key.

    :param conf: an oslo.config ConfigOpts.
    :param beside: True when all that is stored is known to be of other
        clouds.
    :returns: :class:`baas.keys.MasterKey`.
    :raises KeyFileError: there is one, there are backups that were made with
        another one, or whether there are cannot be asked.
    :raises BaasError: the storage cannot be asked.
    """
    path = conf.payload.key_file
    keys.require_none(path)
    try:
        known = migration.version() and backups.page(limit=1)
    except Exception as error:
        if not session.is_away(error):  # pragma: no cover - our own mistake
            raise
        raise keys.KeyFileError(
            reason=f'Whether {path} may be made is not known, since the '
                   'database does not answer',
            remedy='Let it answer first: with the backups that it lists the '
                   'key is needed that they were made with')
    if known:
        raise keys.KeyFileError(
            reason=f'There is no key file {path}, and the database lists '
                   'backups that were made with one', remedy=_REMEDY)
    with contextlib.closing(driver.load(conf, None)) as storage:
        found = [name for name in storage.nodes() if name not in _NO_BACKUPS]
    if found and not beside:
        raise keys.KeyFileError(
            reason=f'There is no key file {path}, and {storage.location} '
                   f'holds backups already ({", ".join(found[:3])})',
            remedy=f'{_REMEDY}. Where all of it is of other clouds, run '
                   '"baas-manage key create --beside-others"')
    return keys.create(path)


def at_first_start(conf, log):
    """Make the master key of a service that has nothing yet.

    Without one the service runs, and each job says what is missing.

    :param log: gets a warning that a copy is needed, or why none was made.
    :raises KeyFileError: there is a file but it cannot be used, or it is that
        of another cloud.
    """
    path = conf.payload.key_file
    if keys.exists(path):
        clouds.key(conf)
        return
    try:
        make(conf)
    except errors.BaasError as error:
        log.error('No master key was made. %s %s', error, error.hint)
        return
    log.warning('A new master key was made: %s, of cloud %s. %s', path,
                clouds.own(conf), keys.KEEP)
