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
    :raises BootError: something is still pending; a later job puts it back.
    """
    asked.job.report(0, 'putting back what was changed for the rescue system')
    tries = run(asked.conf, asked.boot, asked.machine, asked.undo,
                _power(asked), asked.job.report)
    return {'method': asked.undo.method, 'tries': tries}


def _power(asked):
    """Tell what becomes of the machine; what the restore wanted counts for
    those who put back later, too."""
    wanted = asked.job.get('power', str, None)
    if wanted and not asked.undo.is_empty:
        asked.undo.add(_WANTED, wanted)
    return wanted or asked.undo.get(_WANTED) or 'keep'


def run(conf, boot, machine, undo, power, report):
    """Undo what a boot undo says, trying until [boot] cleanup_timeout.

    :param boot: the :class:`base.Boot` that has made the undo.
    :param power: see :meth:`base.Boot.cleanup`.
    :param report: called with (percent, what is done).
    :returns: how often it was tried.
    :raises BootError: something is still pending.
    """
    until = time.monotonic() + conf.boot.cleanup_timeout * 60
    tries = 0
    while True:
        tries += 1
        try:
            boot.cleanup(machine, undo, power)
            # After it: a node whose rebuild has failed needs them.
            image_urls.withdraw(conf, undo)
            undo.finish()
            return tries
        except base.BootError as error:
            undo.fail(str(error))
            if time.monotonic() > until:
                raise
            report(0, f'trying again to put back what was changed: {error}')
        time.sleep(_PAUSE)


if __name__ == '__main__':
    sys.exit(job.main('cleanup', work))
