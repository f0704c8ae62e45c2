# SPDX-License-Identifier: Apache-2.0
"""GET /v1/backup?limit=100 beside GET /v1/nodes?limit=100 of ironic."""
import base64
import contextlib
import json
import statistics

from baas.tests.integration import process
from benchmarks import ironic as peer
from benchmarks import load
from benchmarks import standalone
from benchmarks import table

SIZES = (1000, 100000)
NODES, ROUNDS, CONNECTIONS = 1000, 5, 4
MOST, SECONDS = 400, 5


def measure():
    """Measure and print; give the exit status."""
    with process.folder() as folder, contextlib.ExitStack() as parts:
        cases = []
        for rows in SIZES:
            cases += _ours(folder / f'baas-{rows}', rows, parts)
        cases.append(_ironic(folder / 'ironic', parts))
        for case in cases:  # the first answers of any service are slow
            load.run(*case[1:], most=20, seconds=5)
        results = {case[0]: [] for case in cases}
        for _round in range(ROUNDS):
            for name, *request in cases:
                results[name].append(load.run(
                    *request, connections=CONNECTIONS, most=MOST,
                    seconds=SECONDS))
    return _report(results)


def _ours(folder, rows, parts):
    # baas-standalone makes schema and password; what is measured is the
    # server of baas-api.
    first = standalone.Standalone(folder).start()
    first.process.stop()
    marker = first.fill(rows)
    service = standalone.Standalone(folder, 'baas-api').start()
    parts.callback(service.process.kill)
    proof = base64.b64encode(f'admin:{service.password()}'.encode()).decode()
    headers = {'Authorization': f'Basic {proof}',
               'Accept': 'application/json'}
    path = '/v1/backup?limit=100'
    return [(f'baas, {rows} backups, first page', service.port, path,
             headers),
            (f'baas, {rows} backups, last page', service.port,
             f'{path}&marker={marker}', headers)]


def _ironic(folder, parts):
    ironic = peer.Ironic(folder)
    parts.callback(ironic.process.kill)
    ironic.start().fill(NODES)
    return (f'ironic, {NODES} nodes, first page', ironic.port,
            '/v1/nodes?limit=100', {'Accept': 'application/json'})


def _report(results):
    peers = next(rounds for name, rounds in results.items()
                 if 'ironic' in name)
    rows, worst = [], []
    for name, rounds in results.items():
        answer = json.loads(rounds[-1].body)
        items = len(next(value for value in answer.values()
                         if isinstance(value, list)))
        # Of the same round: what else the machine does changes with time.
        over = statistics.median(one.rate / peer.rate
                                 for one, peer in zip(rounds, peers))
        if rounds is not peers:
            worst.append(over)
        rows.append((name, f'{_median(rounds, "rate"):.1f}',
                     f'{_median(rounds, "median") * 1000:.0f} ms',
                     str(items), f'{len(rounds[-1].body) // 1024} KiB',
                     f'{over:.1f}'))
    words, status = table.judge('Slowest of ours over ironic', min(worst),
                                5, 10, more_is_better=True, unit='x')
    table.show('A page of 100', (
        'list', 'requests/s', 'median', 'items', 'body', 'over ironic'),
        rows, [
            f'{CONNECTIONS} connections kept open, {ROUNDS} rounds in turn '
            f'of at most {MOST} requests or {SECONDS} s; medians of the '
            'rounds.',
            'baas: baas-api with http_basic, SQLite. ironic: all in one '
            'process, noauth, SQLite.', words])
    return status


def _median(rounds, name):
    return statistics.median(getattr(one, name) for one in rounds)
