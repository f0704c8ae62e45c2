# SPDX-License-Identifier: Apache-2.0
"""What the one process of the standalone service keeps in memory."""
import statistics
import subprocess
import time

import psutil

from baas.tests.integration import process
from benchmarks import standalone
from benchmarks import table

_MIB = 1 << 20


def measure():
    """Measure and print; give the exit status."""
    with process.folder() as folder:
        service = standalone.Standalone(folder / 'state')
        try:
            service.start()
            begun = resident(service.process.pid)[0]
            for _ in range(3):
                subprocess.run(
                    ['bash', '-c', f'. {service.rc}; openstack overcloud '
                     'backup list'], env=process.environment(), check=True,
                    stdout=subprocess.DEVNULL, timeout=process.SECONDS)
            time.sleep(15)  # a sweep and more
            own, children = zip(*[_sample(service) for _ in range(5)])
        finally:
            service.process.kill()
    idle = statistics.median(own) / _MIB
    words, status = table.judge('Idle', idle, 150, unit=' MiB')
    table.show('Resident memory of baas-standalone', ('when', 'itself',
                                                      'children'), [
        ('just listening', f'{begun / _MIB:.1f} MiB', '-'),
        ('idle after three lists', f'{idle:.1f} MiB',
         f'{statistics.median(children) / _MIB:.1f} MiB')], [
        'VmRSS, median of 5 samples within 5 s; the process was started for '
        'this and has an empty history. During a backup: tools/bench '
        'backup.', words])
    return status


def resident(pid):
    """Give the resident bytes of a process and of all its children."""
    one = psutil.Process(pid)
    children = 0
    for child in one.children(recursive=True):
        try:
            children += child.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return one.memory_info().rss, children


def _sample(service):
    time.sleep(1)
    return resident(service.process.pid)
