# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.boot.programs.start``: gives a machine its rescue system
and waits until that calls back. The job file is that of
:mod:`baas.boot.programs.job`."""
import sys
import time

from baas.boot import base
from baas.boot import driver
from baas.boot.images import image_urls
from baas.boot.images import initrd_overlay
from baas.boot.images import rescue_image
from baas.boot.programs import cleanup
from baas.boot.programs import job
from baas.boot.programs import precheck
from baas.boot import undo
from baas.db import boot_undos
from baas.db import clouds
from baas.storage import driver as storage

_POLL = 3  # seconds


class NoCallback(base.BootError):
    """The rescue system did not call back."""
    faultcode = 'baas.boot.no_callback'
    message = ('The rescue system of {node} did not call back from {address} '
               'within {minutes} minutes: {seen}.')
    hint = ('Look at the console of the machine: whether it boots the rescue '
            'system, and whether that has this address; if another DHCP or '
            'boot server answers it, turn that one off.')


def work(asked):
    """Boot the rescue system.

    :returns: {method, seconds: until it called back}.
    """
    began = time.monotonic()
    _clean_up_earlier(asked)
    precheck.demand(precheck.problems(asked))
    boot, machine = asked.boot, asked.machine
    if not boot.already_running:
        images = _images(asked)
        asked.job.report(60, 'telling the machine to boot')
        boot.start(machine, images, asked.undo, asked.log)
    _wait(asked)
    asked.job.report(95, 'letting the machine boot from its disk from now on')
    boot.boot_from_disk(machine, asked.undo)
    image_urls.withdraw(asked.conf, asked.undo)
    return {'method': asked.undo.method,
            'seconds': round(time.monotonic() - began, 1)}


def _clean_up_earlier(asked):
    """Undo what earlier jobs have left for this node."""
    for row in boot_undos.pending(asked.machine.node.name):
        asked.job.report(0, f'putting back what job {row.job_id} has changed')
        old = undo.BootUndo(row.job_id, row.node, row.method, asked.by)
        cleanup.run(asked.conf, driver.load(asked.conf, row.method),
                    asked.machine, old, 'keep', asked.job.report)


def _images(asked):
    boot = asked.boot
    files = boot.files(asked.machine)
    if not files:  # pragma: no cover - a driver of others
        return None
    initrd_overlay.make(asked.keys, boot.reach(asked.machine.node,
                                               asked.keys).alias)
    place = storage.load(asked.conf, clouds.own(asked.conf))
    try:
        return rescue_image.prepare(
            asked.conf, place, files, asked.job.get('rescue', dict, {}),
            asked.keys, asked.undo, asked.job.report)
    finally:
        place.close()


def _wait(asked):
    boot, node = asked.boot, asked.machine.node
    minutes = (asked.conf.boot.manual_timeout if boot.is_manual
               else asked.conf.boot.callback_timeout)
    reach = boot.reach(node, asked.keys)
    asked.job.report(70, f'waiting for the rescue system to call back from '
                         f'{node.address}')
    until = time.monotonic() + minutes * 60
    while True:
        asked.undo.check_lease()
        seen = reach.call()
        if seen is None:
            asked.log('The rescue system has called back.')
            return
        if time.monotonic() > until:
            raise NoCallback(node=node.name, address=node.address,
                             minutes=f'{minutes:g}', seen=seen.rstrip('.'))
        time.sleep(_POLL)


if __name__ == '__main__':
    sys.exit(job.main('start', work))
