# SPDX-License-Identifier: Apache-2.0
"""Reading back what is stored, beside ``sha256sum`` of the same files, and
what a spot check costs a node."""
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from baas.node.filelist import fields
from baas.node.filelist import listing
from baas.node.filelist import walk
from baas.tests.unit.storage import site
from benchmarks import table

_PACKS, _PACK = 48, 16 << 20
_ROUNDS = 5
_FILES = 20000
_SHARE = 0.01
_GOAL = 0.8
_SPOT = '''import json, os, sys, time
from baas.node import paths
from baas.node import request
from baas.node.backup import spot_check
asked = request.Request('spot_check', 'bench', 1, json.load(sys.stdin))
found = spot_check.spot_check(asked)
# The folder is no file system of its own: it is counted beside.
found['files_now'] = spot_check.count(
    [os.fsencode(paths.TOP)], set(), None, asked.report)
with open('/proc/self/status') as status:
    [memory] = [line.split()[1] for line in status if 'VmHWM' in line]
print(json.dumps([found, time.process_time(), int(memory)]))
'''


def measure():
    """Measure and print; give the exit status."""
    with contextlib.ExitStack() as cleaning:
        place = _repository(cleaning.callback)
        ours, plain, size = _read(place)
        cost = _spot_check(cleaning.callback)
    ratios = [one / other for one, other in zip(ours, plain)]
    said, status = table.judge(
        'Throughput over sha256sum', statistics.median(ratios), _GOAL,
        more_is_better=True)
    table.show('Verification', ('Reader', 'MiB/s', 'Least', 'Most'), [
        _row('verification', ours), _row('sha256sum', plain)], [
        f'{size >> 20} MiB in {_PACKS} packs and more, from a folder, in '
        'turn, from the page cache; all of the program between its start '
        'and its end is in it.', said])
    found, processor, memory, seconds = cost
    table.show('Spot check of a node', ('Figure', 'Value'), [
        ('files of the node', f'{found["files_now"]}'),
        ('compared', f'{found["compared"]}'),
        ('read', f'{found["read_bytes"] >> 20} MiB'),
        ('processor time', f'{processor:.2f} s'),
        ('time', f'{seconds:.2f} s'),
        ('resident memory', f'{memory >> 10} MiB')],
        [f'{_SHARE:.0%} of the files, and the count of all; the start of '
         'Python is in it.'])
    return status


def _repository(clean):
    """Make a node's backup of many packs; gives the site."""
    place = site.Site(lambda function, *words, **more: clean(
        function, *words, **more))
    place.remember('b1')
    captured = place.capture('b1', size=_PACKS * _PACK)
    said = place.program('verify', **place.verify_job('b1', captured))
    if said['state'] != 'done':
        raise RuntimeError(said)
    return place


def _read(place):
    """Read all in turn; gives bytes a second of both, and bytes."""
    names = sorted(str(path) for path in (
        place.root / site.NODE / 'restic').rglob('*')
        if path.is_file() and path.name != 'config')
    size = sum(os.path.getsize(name) for name in names)
    ages = place.folder / 'ages'
    ages.write_text('{}')
    ours, plain = [], []
    for _round in range(_ROUNDS):
        begin = time.monotonic()
        subprocess.run(['sha256sum', *names], check=True,
                       stdout=subprocess.DEVNULL)
        plain.append(size / (time.monotonic() - begin))
        begin = time.monotonic()
        said = place.program(
            'scrub', node=site.NODE, backups={'b1': None}, share=1,
            ages=str(ages), log=str(place.folder / 'log'))
        if said['result']['read_bytes'] != size:
            raise RuntimeError(said)
        ours.append(size / (time.monotonic() - begin))
    return ours, plain, size


def _row(name, speeds):
    return (name, *(f'{speed / (1 << 20):.0f}' for speed in (
        statistics.median(speeds), min(speeds), max(speeds))))


def _spot_check(clean):
    """Compare a share of a folder; gives what it said, processor time in
    seconds, memory in KiB, and seconds."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix='baas-bench-'))
    clean(shutil.rmtree, folder, ignore_errors=True)
    top = folder / 'node'
    for number in range(_FILES):
        path = top / str(number % 100) / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(1 << 10) * (1 + number % 128))
    sample = folder / 'sample'
    sample.write_text(''.join(
        json.dumps(entry) + '\n' for entry in _entries(folder, top)))
    begin = time.monotonic()
    said = subprocess.run(
        [sys.executable, '-c', _SPOT], check=True, text=True,
        stdout=subprocess.PIPE, input=json.dumps({
            'sample': str(sample), 'moment': time.time() + 1000}),
        env={**os.environ, 'BAAS_NODE_TOP': str(top)})
    seconds = time.monotonic() - begin
    found, processor, memory = json.loads(said.stdout)
    return found, processor, memory, seconds


def _entries(folder, top):
    """Give every so many-th file of a file list."""
    writer = listing.Writer(str(folder / 'list'), str(folder / 'memory'),
                            'b1', site.NODE, time.time())
    for path, found in walk.walk(os.fsencode(str(top))):
        writer.add(os.fsencode(str(top)), path, found)
    writer.close()
    files = [entry for entry in listing.read(str(folder / 'list'))
             if entry[fields.TYPE] == 'f']
    return files[::round(1 / _SHARE)]
