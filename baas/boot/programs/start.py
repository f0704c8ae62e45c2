# SPDX-License-Identifier: Apache-2.0
"""``python -m baas.boot.programs.start``: gives a machine its rescue system
and waits until that calls in. The job file is that of
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
from baas.storage import driver as storage

_POLL = 3  # seconds


class NoCall(base.BootError):
    """The rescue system did not call in."""
    faultcode = 'baas.boot.no_call'
    message = ('The rescue system of {node} did not call in from {address} '
               'within {minutes} minutes: {seen}.')
    hint = ('Look at the console of the machine: whether it boots the rescue '
            'system, and whether that has this address; if another DHCP or '
            'boot server answers it, turn that one off.')


def work(asked):
    """Boot the rescue system.

    :returns: {method, seconds: until it called in}.
    """
    began = time.monotonic()
    _pay_old(asked)
    precheck.demand(precheck.problems(asked))
    boot, machine = asked.boot, asked.machine
    if not boot.runs_already:
        images = _images(asked)
        asked.job.tell(60, 'telling the machine to boot')
        boot.start(machine, images, asked.debt, asked.log)
    _wait(asked)
    asked.job.tell(95, 'letting the machine boot from its disk from now on')
    boot.from_disk(machine, asked.debt)
    image_urls.withdraw(asked.conf, asked.debt)
    return {'method': asked.debt.method,
            'seconds': round(time.monotonic() - began, 1)}


def _pay_old(asked):
    """Put back what earlier jobs owe for this node."""
    for row in boot_undos.unpaid(asked.machine.node.name):
        asked.job.tell(0, f'putting back what job {row.job_id} has changed')
        old = undo.Debt(row.job_id, row.node, row.method, asked.by)
        cleanup.pay(asked.conf, driver.load(asked.conf, row.method),
                    asked.machine, old, 'keep', asked.job.tell)


def _images(asked):
    boot = asked.boot
    files = boot.files(asked.machine)
    if not files:
        return None
    initrd_overlay.make(asked.keys, boot.reach(asked.machine.node,
                                               asked.keys).alias)
    place = storage.load(asked.conf)
    try:
        return rescue_image.prepare(
            asked.conf, place, files, asked.job.get('rescue', dict, {}),
            asked.keys, asked.debt, asked.job.tell)
    finally:
        place.close()


def _wait(asked):
    boot, node = asked.boot, asked.machine.node
    minutes = (asked.conf.boot.hands_limit if boot.by_hand
               else asked.conf.boot.call_in_limit)
    reach = boot.reach(node, asked.keys)
    asked.job.tell(70, f'waiting for the rescue system to call in from '
                       f'{node.address}')
    until = time.monotonic() + minutes * 60
    while True:
        asked.debt.admit()
        seen = reach.call()
        if seen is None:
            asked.log('The rescue system has called in.')
            return
        if time.monotonic() > until:
            raise NoCall(node=node.name, address=node.address,
                         minutes=f'{minutes:g}', seen=seen.rstrip('.'))
        time.sleep(_POLL)


if __name__ == '__main__':
    sys.exit(job.main('start', work))
