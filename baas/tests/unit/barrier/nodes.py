# SPDX-License-Identifier: Apache-2.0
"""Nodes for the barrier: the real node program, each with folders and units
of its own; what stands for systemd keeps a file for each unit."""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from baas.tests.unit.node import base

_SYSTEMCTL = '''#!/bin/sh
units={units}
act=$1
shift
names=
for word; do
    case $word in -*) ;; *) names="$names $word" ;; esac
done
case $act in
list-units)
    for path in $units/*.service; do
        echo "$(basename $path) loaded $(cat $path) running x"
    done ;;
show)
    for name in $names; do
        [ -z "$again" ] || echo
        again=yes
        echo "Id=$name"
        echo "ActiveState=$(cat $units/$name 2>/dev/null || echo inactive)"
    done ;;
stop)
    for name in $names; do
        echo "$(date +%s.%N) stop $name" >> $units/log
        echo deactivating > $units/$name
        [ -e $units/$name.stuck ] || (
            sleep $(cat $units/$name.slow 2>/dev/null || echo 0)
            # A start may have come meanwhile, and may come right now.
            exec 9> $units/lock
            flock 9
            if grep -q deactivating $units/$name; then
                echo "$(date +%s.%N) stopped $name" >> $units/log
                echo inactive > $units/$name
            fi) > /dev/null 2>&1 &
    done ;;
start)
    exec 9> $units/lock
    flock 9
    for name in $names; do
        echo "$(date +%s.%N) start $name" >> $units/log
        echo active > $units/$name
    done ;;
esac
'''
_CALL = '''#!/bin/sh
echo $$ > {folder}/pid-$1
export PATH={folder}/bin:$PATH
{variables}
exec {python} {program} "$@"
'''
_BEGIN = '''import sys
sys.path.insert(0, sys.argv[1])
from baas.node import journal
journal.begin(sys.argv[2], 1, 'backup')
'''


class Node:
    """A node with some units that run, and an open record.

    :param folder: where it is (:class:`pathlib.Path`).
    :ivar reach: how a coordinator reaches it.
    """

    def __init__(self, folder, units=('a.service', 'b.service')):
        self.folder = folder
        self.units = folder / 'active'
        for name in ('state', 'run', 'units', 'top', 'proc', 'bin',
                     'active'):
            (folder / name).mkdir(mode=0o700, parents=True)
        for name in (*units, 'baas-deadman.service'):
            (self.units / name).write_text('active\n')
        self._place('bin/systemctl', _SYSTEMCTL.format(units=self.units))
        for name in ('mysql', 'mariadb'):
            self._place(f'bin/{name}', '#!/bin/sh\nexit 1\n')
        self.variables = {f'BAAS_NODE_{name.upper()}': str(folder / name)
                          for name in ('state', 'run', 'units', 'top',
                                       'proc')}
        self._place('call', _CALL.format(
            folder=folder, python=sys.executable, program=base.program(),
            variables='\n'.join(f'export {name}={value}' for name, value
                                in self.variables.items())))
        subprocess.run(
            [sys.executable, '-c', _BEGIN, base.program(), base.JOB],
            env={**os.environ, **self.variables}, check=True, cwd='/')
        self.reach = {'connection': 'local', 'python': '/bin/sh',
                      'program': str(folder / 'call')}

    def _place(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)

    def spoil(self, unit, how, value=''):
        """Make a unit ``slow`` (seconds) or ``stuck`` when it stops."""
        (self.units / f'{unit}.{how}').write_text(str(value))

    def record(self):
        """Give its record."""
        return json.loads((self.folder / 'state/journal.json').read_text())

    def raise_epoch(self, epoch):
        """Make as if another conductor had been here."""
        path = self.folder / 'state/journal.json'
        path.write_text(json.dumps({**self.record(), 'epoch': epoch}))

    def pid(self, verb='barrier'):
        """Give the id of the process that does a verb."""
        return int((self.folder / f'pid-{verb}').read_text())

    def end(self):
        """End what still acts on it."""
        for path in self.folder.glob('pid-*'):
            # It may be about to be written.
            until = time.monotonic() + 10
            while not path.read_text() and time.monotonic() < until:
                time.sleep(0.01)
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(path.read_text()), signal.SIGKILL)

    def is_back(self):
        """Tell whether all units run and nothing is pending."""
        return not self.record()['undos'] and {'active'} == {
            path.read_text().strip()
            for path in self.units.glob('*.service')}

    def wait_until_back(self, seconds):
        """Wait until all runs again; False when it does not in time."""
        until = time.monotonic() + seconds
        while not self.is_back():
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def log(self):
        """Give what was done to its units: list of (time, act, unit)."""
        path = self.units / 'log'
        lines = path.read_text().split('\n') if path.exists() else []
        words = [line.split() for line in lines if line]
        return [(float(when), act, unit) for when, act, unit in words]


def plan(folder, nodes, quiesces=True, **more):
    """Write a job file; give its path and the arguments that go with it.

    :param nodes: mapping of name to :class:`Node`.
    :param is quiesced: whether units stop.
    :param more: fields that are different.
    """
    within = more.get('deadman_timeout', 60)
    told = {'quiesce': {'units': ['a.service', 'b.service'],
                        'deadman_timeout': within}
            if quiesces else None,
            'snapshot': {}, 'resume': {'wait': 20},
            'heartbeat_timeout': more.pop('heartbeat_timeout', 10),
            'max_outage': more.get('max_outage')}
    path = pathlib.Path(folder) / 'barrier.json'
    path.write_text(json.dumps({
        'job': base.JOB, 'epoch': 1, 'deadman_timeout': within,
        'nodes': {name: told for name in nodes}, **more}))
    return [sys.executable, '-m', 'baas.barrier', '--job-file', str(path),
            '--nodes', json.dumps({name: node.reach
                                   for name, node in nodes.items()})]
