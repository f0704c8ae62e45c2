# SPDX-License-Identifier: Apache-2.0
"""What 10,000 sets and 100 schedules cost: previews, simulations, sweeps."""
import base64
import datetime
import json
import random
import statistics
import subprocess
import sys
import time
import urllib.request
import uuid

import psutil
import sqlalchemy as sa

from baas.db.retention import models as retention
from baas.db.schedule import tables
from baas.schedules import timing
from baas.tests.integration import process
from benchmarks import standalone
from benchmarks import table

SETS, NODES, SCHEDULES, ROUNDS = 10000, 3, 100, 5
GOAL = 1  # seconds, for each
POLICY = str(uuid.uuid4())
RULES = 'keep_hourly=48&keep_daily=14&keep_weekly=8&keep_monthly=24'
ALL = '&'.join(f'keep_{name}={SETS}' for name in (
    'last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'))
SIMULATIONS = (
    ('a year, each hour, usual rules', f'cron=0+*+*+*+*&days=365&{RULES}'),
    ('two years, each two hours, keep all',
     f'cron=0+*/2+*+*+*&days=731&{ALL}'))
_BYTES = '&size_bytes=1000000000000&change_bytes=5000000000'
_CONDUCTOR = """
import json
import logging
import statistics
import sys
import time

import psutil

from baas.conductor import server
from baas.conf import opts
from baas.db import session
from oslo_config import cfg

opts.load(['--config-file', sys.argv[1]], 'baas-bench')
logging.disable()
session.configure(cfg.CONF)
conductor = server.Conductor(cfg.CONF, bus=False)
conductor.take = lambda job_id, act=None: None
conductor.sweep()
me = psutil.Process()

def sweep():
    began, used = time.monotonic(), time.process_time()
    conductor.sweep()
    return time.monotonic() - began, time.process_time() - used

found = [sweep() for _ in range(int(sys.argv[2]))]
print(json.dumps({
    'wall': statistics.median(one[0] for one in found),
    'processor': statistics.median(one[1] for one in found),
    'memory': me.memory_info().rss / (1 << 20)}))
"""


def measure():
    """Measure and print; give the exit status."""
    with process.folder() as folder:
        empty = standalone.Standalone(folder / 'empty').start()
        empty.process.stop()
        sweeps = [('nothing', _conductor(empty))]
        service = standalone.Standalone(folder / 'state').start()
        service.process.stop()
        service.fill(SETS * NODES)
        _fill(service, due=False)
        sweeps.append((f'{SETS} sets, {SCHEDULES} schedules',
                       _conductor(service)))
        service.start()
        try:
            answers = _ask(service)
        finally:
            service.process.stop()
        _fill(service, due=True)
        sweeps.append((f'the same, {SCHEDULES - 1} runs wait',
                       _conductor(service)))
    return _report(answers, sweeps)


def _fill(service, due):
    """Write policy and schedules, or have all of these be due."""
    engine = sa.create_engine(f'sqlite:///{service.folder}/baas.sqlite')
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    schedules = tables.Schedule.__table__
    with engine.begin() as connection:
        if due:
            connection.execute(sa.update(schedules).values(
                seen_at=now - datetime.timedelta(days=1)))
        else:
            connection.execute(sa.insert(retention.Cleanup.__table__).values(
                id=POLICY, target='overcloud', minimum=1, timezone='UTC',
                revision=1, created_at=now, updated_at=now, keep_hourly=48,
                keep_daily=14, keep_weekly=8, keep_monthly=24, keep_last=0,
                keep_yearly=0))
            connection.execute(sa.insert(schedules), [
                _schedule(number, now) for number in range(SCHEDULES)])
    engine.dispose()


def _schedule(number, now):
    # None of them comes while it is measured.
    hour = (now.hour + 2 + number // 60) % 24
    cron = f'{number % 60} {hour} * * *'
    return {'id': str(uuid.uuid4()), 'target': 'overcloud', 'stopall': False,
            'cron': cron, 'timezone': 'UTC', 'window_minutes': 1440,
            'timing_key': timing.Timing(cron, 'UTC').key,
            'jitter_seconds': 0, 'missed': 'once', 'enabled': True,
            'revision': 1, 'seen_at': now, 'created_at': now,
            'updated_at': now}


def _conductor(service):
    """Give what a conductor of its own takes, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', _CONDUCTOR,
         service.configuration, str(ROUNDS)], check=True, text=True,
        stdout=subprocess.PIPE, env=process.environment())
    return json.loads(ended.stdout.splitlines()[-1])


def _ask(service):
    """Ask in rounds; give {name: [(seconds, of the processor, bytes)]}, and
    of a plain sort of as many sets."""
    server = psutil.Process(service.process.pid)
    proof = base64.b64encode(f'admin:{service.password()}'.encode()).decode()
    cases = {'preview': f'/v1/cleanup/{POLICY}/preview', **{
        name: f'/v1/cleanup/simulation?{words}{_BYTES}'
        for name, words in SIMULATIONS}}
    found = {name: [] for name in ('plain sort', *cases)}
    for _round in range(ROUNDS):
        sort = _sort()
        found['plain sort'].append((sort, sort, 0))
        for name, path in cases.items():
            request = urllib.request.Request(
                f'http://127.0.0.1:{service.port}{path}', headers={
                    'Authorization': f'Basic {proof}', 'OpenStack-API-Version':
                    'control-plane-backup 1.1'})
            began, used = time.monotonic(), sum(server.cpu_times()[:2])
            with urllib.request.urlopen(request, timeout=600) as answer:
                body = answer.read()
            found[name].append((
                time.monotonic() - began,
                sum(server.cpu_times()[:2]) - used, len(body)))
            if name == 'preview' and body.count(b'"keep"') != SETS:
                raise RuntimeError('The preview does not show all sets.')
    return found


def _sort():
    made = [(datetime.datetime.fromtimestamp(number * 60), str(number))
            for number in range(SETS)]
    random.Random(1).shuffle(made)
    began = time.process_time()
    sorted(made, reverse=True)
    return time.process_time() - began


def _report(answers, sweeps):
    plain = _median(answers['plain sort'], 1)
    rows = [(name, f'{_median(rounds, 0):.3f} s',
             f'{_median(rounds, 1):.3f} s',
             f'{_median(rounds, 1) / plain:.0f}',
             f'{rounds[-1][2] // 1024} KiB')
            for name, rounds in answers.items()]
    asked, first = table.judge(
        'Slowest answer, of the processor', max(
            _median(rounds, 1) for rounds in answers.values()), GOAL,
        unit=' s')
    table.show(f'{SETS} sets of {NODES} backups', (
        'what', 'time', 'processor', 'over the sort', 'body'), rows, [
            'Over HTTP, one after the other, SQLite; medians of '
            f'{ROUNDS} rounds. The processor counts for the ratio.', asked])
    swept, second = table.judge(
        'Slowest sweep, of the processor',
        max(one['processor'] for _name, one in sweeps), GOAL, unit=' s')
    table.show('Sweep of a conductor', (
        'with', 'time', 'processor', 'memory'), [
            (name, f'{one["wall"]:.3f} s', f'{one["processor"]:.3f} s',
             f'{one["memory"]:.0f} MiB') for name, one in sweeps], [
            'In a process of its own, after a first one; medians of '
            f'{ROUNDS}.', swept])
    return max(first, second)


def _median(rounds, position):
    return statistics.median(one[position] for one in rounds)
