# SPDX-License-Identifier: Apache-2.0
"""What `openstack overcloud backup list` costs over `openstack --version`."""
import resource
import statistics
import subprocess
import time

from baas.tests.integration import process
from benchmarks import standalone
from benchmarks import table

RUNS = 9


def measure():
    """Measure and print; give the exit status."""
    with process.folder() as folder:
        service = standalone.Standalone(folder / 'state')
        try:
            service.start()
            commands = {'openstack --version': [],
                        'openstack overcloud backup list': []}
            for _run in range(RUNS + 1):
                for words, times in commands.items():
                    times.append(_time(service.rc, words))
        finally:
            service.process.kill()
    # The first run of each fills caches.
    wall, work = ({words: statistics.median(pair[which]
                                            for pair in pairs[1:])
                   for words, pairs in commands.items()} for which in (0, 1))
    plain = wall['openstack --version']
    table.show('The command line', (
        'command', 'wall time', 'processor time', 'over --version'), [
        (words, f'{wall[words]:.2f} s', f'{work[words]:.2f} s',
         f'{wall[words] - plain:+.2f} s, {wall[words] / plain:.2f}x')
        for words in commands], [
        f'Medians of {RUNS} runs of each in turn after one that is not '
        'counted, against a baas-standalone with an empty history, '
        'http_basic, sourced rc file.'])
    return 0


def _time(rc, words):
    """Give wall time and processor time of a command, in seconds."""
    begin, before = time.monotonic(), _work()
    subprocess.run(['bash', '-c', f'. {rc}; exec {words}'], check=True,
                   env=process.environment(), stdout=subprocess.DEVNULL,
                   timeout=process.SECONDS)
    return time.monotonic() - begin, _work() - before


def _work():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
