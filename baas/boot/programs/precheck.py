# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.boot.programs.precheck``: looks whether a machine can be
given its rescue system; changes nothing. The job file is that of
:mod:`baas.boot.programs.job`."""
import sys

from baas.boot import base
from baas.boot.images import image_urls
from baas.boot.images import rescue_image
from baas.boot.programs import job
from baas.db import boot_undos


def work(asked):
    """Look at all that can be seen beforehand.

    :returns: {method, pending: number of earlier jobs whose undos are pending,
        files: those of the rescue image that the machine will boot, disks,
        cards: see :class:`base.Boot`; all None while something is pending}.
    :raises BootError: something is in the way; all of it is named.
    """
    node = asked.machine.node.name
    pending = boot_undos.pending(node)
    for row in pending:
        asked.log(f'Job {row.job_id} still has to put something back: '
                  f'{row.error or "it has not been tried yet"} This job does '
                  f'so before it boots anything.', 'warning')
    demand(problems(asked, look=not pending))
    return {'method': asked.undo.method, 'pending': len(pending),
            'files': None
            if pending else list(asked.boot.files(asked.machine)),
            'disks': None if pending else asked.boot.disks(asked.machine),
            'cards': None if pending else asked.boot.cards(asked.machine)}


def problems(asked, look=True):
    """List all that is in the way (list of :class:`base.Problem`).

    :param look: False to leave the machine out, which is not yet as it was.
    """
    found = asked.boot.problems(asked.machine) if look else []
    if found:
        return found
    files = asked.boot.files(asked.machine)
    if not files:
        return []
    return image_urls.problems(asked.conf) + rescue_image.problems(
        asked.conf, files, asked.job.get('rescue', dict, {}))


def demand(found):
    """Raise what is in the way.

    :raises BootError: there is something.
    """
    if found:
        raise base.BootError(
            reason=' '.join(one.cause for one in found).rstrip('.'),
            remedy=' '.join(one.hint for one in found).rstrip('.'))


if __name__ == '__main__':
    sys.exit(job.main('precheck', work))
