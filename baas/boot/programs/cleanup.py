# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.boot.programs.cleanup``: leaves everything as it was before
the rescue system was booted, and tries for a while. The job file is that of
:mod:`baas.boot.programs.job`."""
import sys
import time

from baas.boot import base
from baas.boot.images import image_urls
from baas.boot.programs import job

_PAUSE = 10  # seconds between tries
_WANTED = 'power_at_end'


def work(asked):
    """Put everything back.

    :returns: {method, tries}.
    :raises BootError: something is still owed; a later job puts it back.
    """
    asked.job.tell(0, 'putting back what was changed for the rescue system')
    tries = pay(asked.conf, asked.boot, asked.machine, asked.debt,
                _power(asked), asked.job.tell)
    return {'method': asked.debt.method, 'tries': tries}


def _power(asked):
    """Tell what becomes of the machine; what the restore wanted counts for
    those who put back later, too."""
    wanted = asked.job.get('power', str, None)
    if wanted and not asked.debt.is_empty:
        asked.debt.owe(_WANTED, wanted)
    return wanted or asked.debt.get(_WANTED) or 'keep'


def pay(conf, boot, machine, debt, power, tell):
    """Put back what a debt says, trying until [boot] put_back_limit.

    :param boot: the :class:`base.Boot` that has made the debt.
    :param power: see :meth:`base.Boot.put_back`.
    :param tell: called with (percent, what is done).
    :returns: how often it was tried.
    :raises BootError: something is still owed.
    """
    until = time.monotonic() + conf.boot.put_back_limit * 60
    tries = 0
    while True:
        tries += 1
        try:
            boot.put_back(machine, debt, power)
            # After it: a node whose rebuild has failed needs them.
            image_urls.withdraw(conf, debt)
            debt.pay()
            return tries
        except base.BootError as error:
            debt.fail(str(error))
            if time.monotonic() > until:
                raise
            tell(0, f'trying again to put back what was changed: {error}')
        time.sleep(_PAUSE)


if __name__ == '__main__':
    sys.exit(job.main('cleanup', work))
