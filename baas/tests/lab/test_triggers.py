# SPDX-License-Identifier: Apache-2.0
"""Sockets, timers and paths of a real systemd rest with what they start.

No set is taken: the program is called on one machine of the lab."""
import json
import os
import subprocess
import tempfile
import textwrap
import time
import unittest

from baas.runner import node_program
from baas.tests.lab import service

NODE = 'controller-0'
JOB = '7e57ed00-0000-4000-8000-000000000000'
PROGRAM = '/var/lib/baas-node/baas-node-try'
UNITS = {
    # What runs, and would be started by whoever connects.
    'try-live.service': '''
        [Service]
        ExecStart=/bin/sleep infinity
        [Install]
        WantedBy=multi-user.target
        ''',
    'try-live.socket': '''
        [Socket]
        ListenStream=/run/try-live.sock
        [Install]
        WantedBy=sockets.target
        ''',
    # What writes each second and does not run in between.
    'try-tick.service': '''
        [Service]
        Type=oneshot
        ExecStart=/bin/sh -c 'echo tick >> /run/try-ticks'
        ''',
    'try-tick.timer': '''
        [Timer]
        OnActiveSec=1
        OnUnitActiveSec=1
        AccuracySec=100ms
        [Install]
        WantedBy=timers.target
        ''',
    # What a file starts, by another name than its own.
    'try-file.path': '''
        [Path]
        PathExists=/run/try-file
        Unit=try-made.service
        [Install]
        WantedBy=paths.target
        ''',
    'try-made.service': '''
        [Service]
        Type=oneshot
        ExecStart=/bin/sh -c 'rm /run/try-file; echo made >> /run/try-ticks'
        ''',
    # One service for each connection.
    'try-each.socket': '''
        [Socket]
        ListenStream=/run/try-each.sock
        Accept=yes
        [Install]
        WantedBy=sockets.target
        ''',
    'try-each@.service': '''
        [Service]
        ExecStart=-/bin/sh -c 'echo each >> /run/try-ticks'
        StandardInput=socket
        ''',
    # What runs once and takes its time.
    'try-long.service': '''
        [Service]
        Type=oneshot
        ExecStart=/bin/sleep 600
        ''',
}
TRIGGERS = ['try-each.socket', 'try-file.path', 'try-live.socket',
            'try-tick.timer']
SERVICES = ['try-live.service', 'try-tick.service', 'try-made.service',
            'try-each@*', 'try-long.service']
KNOCK = '''
import socket
s = socket.socket(socket.AF_UNIX)
try:
    s.connect('%s')
    print('open')
except OSError as error:
    print('closed')
'''


def run(script, text=''):
    """Run a shell script as root on the machine; give its output."""
    done = subprocess.run(
        ['python3', str(service.TOP / 'tools' / 'lab'), 'shell', NODE,
         'sudo sh -c \'%s\'' % script], input=text, text=True,
        capture_output=True)
    if done.returncode:
        raise AssertionError(script + done.stdout + done.stderr)
    return done.stdout


def python(script):
    """Run a script with the modules of the program on the machine."""
    return run(f'PYTHONPATH={PROGRAM} python3 -', textwrap.dedent(script))


class TriggersTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            path = node_program.build(os.path.join(folder, 'baas-node'))
            with open(path, 'rb') as file:
                subprocess.run(
                    ['python3', str(service.TOP / 'tools' / 'lab'), 'shell',
                     NODE, 'sudo sh -c "mkdir -p /var/lib/baas-node; '
                     f'cat > {PROGRAM}"'], stdin=file, check=True)
        cls.addClassCleanup(run, f'rm -f {PROGRAM}')

    def setUp(self):
        self.addCleanup(self.clear)
        for name, text in UNITS.items():
            run(f'cat > /etc/systemd/system/{name}', textwrap.dedent(text))
        run('systemctl daemon-reload; rm -f /run/try-ticks /run/try-file; '
            'systemctl enable --quiet try-live.service %s; '
            'systemctl start %s; systemctl start try-live.service; '
            'systemctl start --no-block try-long.service'
            % (' '.join(TRIGGERS), ' '.join(TRIGGERS)))

    def clear(self):
        self.verb('release', check=False)
        run('systemctl disable --quiet try-live.service %s; '
            'systemctl stop "try-*"; '
            'rm -rf /etc/systemd/system/try-* /run/try-*; '
            'systemctl daemon-reload; systemctl reset-failed "try-*" || true'
            % ' '.join(TRIGGERS))

    def verb(self, verb, check=True, **options):
        said = run(f'python3 {PROGRAM} {verb} --job {JOB} --epoch 1 '
                   '--options - || true', json.dumps(options))
        said = json.loads(said.splitlines()[-1])['baas']
        if check:
            self.assertEqual('done', said['state'], said)
        return said

    def begin(self):
        python(f'''
            from baas.node import journal
            journal.begin('{JOB}', 1, 'backup')
            ''')
        self.verb('arm')

    def states(self, *names):
        return run('systemctl is-active %s || true' % ' '.join(
            names)).split()

    def knock(self, path):
        return run('python3 -', KNOCK % path).strip()

    def ticks(self):
        return run('cat /run/try-ticks 2>/dev/null || true').split()

    def come_to_rest(self, mode):
        self.begin()
        until = time.monotonic() + 60
        while 'tick' not in self.ticks():
            self.assertLess(time.monotonic(), until, 'the timer never fires')
        self.verb('quiesce', units=SERVICES, mode=mode, deadman_timeout=120)
        before = self.ticks()
        run('touch /run/try-file')
        self.assertEqual('closed', self.knock('/run/try-each.sock'))
        run('sleep 3')
        self.assertEqual(before, self.ticks())
        self.assertEqual(['inactive'] * 3, self.states(
            'try-each.socket', 'try-file.path', 'try-tick.timer'))

    def go_on(self):
        said = self.verb('resume', wait=30)
        self.assertEqual(['active'] * 5, self.states(
            'try-live.service', *TRIGGERS))
        self.assertEqual('open', self.knock('/run/try-each.sock'))
        run('sleep 3')
        self.assertLessEqual({'tick', 'made', 'each'}, set(self.ticks()))
        self.verb('wait_healthy', wait=20)
        return said['result']

    def test_what_could_start_a_unit_stops_and_comes_back_with_it(self):
        self.come_to_rest('stop')
        # What ends by itself, and was ended, has failed as systemd sees it.
        self.assertEqual(['inactive', 'inactive', 'failed'], self.states(
            'try-live.service', 'try-live.socket', 'try-long.service'))
        self.assertLessEqual({*TRIGGERS, 'try-live.service'},
                             set(self.go_on()['started']))
        self.assertEqual(['activating'], self.states('try-long.service'))

    def test_in_a_freeze_nothing_is_started_beside_what_is_frozen(self):
        self.come_to_rest('freeze')
        # What is frozen has its socket still: it cannot be started twice.
        self.assertEqual(['active', 'active', 'activating'], self.states(
            'try-live.service', 'try-live.socket', 'try-long.service'))
        self.go_on()

    def test_a_check_knows_units_by_their_names(self):
        # By position, the socket's control group was taken for another's.
        said = self.verb('check', check=False, units=SERVICES, mode='stop')
        self.assertLessEqual(set(TRIGGERS), set(said['result']['units']))
        self.assertEqual('/system.slice/try-live.service', python('''
            from baas.node.system import systemd
            print(systemd.show(['try-tick.timer', 'try-file.path',
                              'try-live.service'], ['ControlGroup'])
                  ['try-live.service']['ControlGroup'])
            ''').strip())

    def test_a_socket_whose_service_runs_without_it_comes_back(self):
        self.begin()
        self.verb('quiesce', units=['try-live.service'], deadman_timeout=120)
        run('systemctl start try-live.service')
        self.verb('resume', wait=30)
        self.assertEqual(['active', 'active'], self.states(
            'try-live.service', 'try-live.socket'))

    def test_what_starts_held_services_is_held_and_let_go(self):
        run('systemctl stop try-live.socket try-live.service')
        held = python('''
            from baas.node.restore import service_hold
            from baas.node.system import systemd
            names = ['try-live', 'try-tick.service']
            print(' '.join(service_hold.hold_units('/', names)))
            systemd.reload()
            ''').split()
        self.assertEqual(['try-live.service', 'try-live.socket',
                          'try-tick.service', 'try-tick.timer'], held)
        run('systemctl start try-live.socket')
        self.assertEqual('closed', self.knock('/run/try-live.sock'))
        self.verb('start_services', units=['try-live', 'try-tick.service'],
                  wait=20)
        self.assertEqual(['active'] * 3, self.states(
            'try-live.socket', 'try-live.service', 'try-tick.timer'))

    def test_what_ran_in_the_backup_and_does_not_now_is_named(self):
        names = python('''
            from baas.node.system import systemd
            print(' '.join(systemd.steady()))
            ''').split()
        self.assertIn('try-live.service', names)
        self.assertNotIn('try-long.service', names)
        python(f'''
            from baas.node.system import expected_units
            expected_units.write('/', '{JOB}', {names!r})
            ''')
        self.verb('wait_healthy', wait=20)
        run('systemctl stop try-live.socket try-live.service')
        said = self.verb('wait_healthy', check=False, wait=1)
        self.assertIn('try-live.service is inactive', said['error']['cause'])
        self.verb('release')
        self.verb('wait_healthy', wait=1)
