# SPDX-License-Identifier: Apache-2.0
"""A service of the control plane that keeps numbers in a file.

It stands on each controller for as long as a test lasts, rests with the
others, and is in their backups."""
import concurrent.futures
import json
import socket

from baas.tests.lab import machines
from baas.tests.lab import service as services

PORT = 7117
FILE = '/srv/lab/counted'
_ADDRESS = services.NETWORK + '.1{}'
_PROGRAM = f'''
import socketserver
class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            with open({FILE!r}, 'ab') as file:
                file.write(line)
            self.wfile.write(line)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
Server(('', {PORT}), Handler).serve_forever()
'''
_UNIT = '''[Service]
ExecStart=/usr/bin/python3 /var/lib/tripleo_counter.py
KillSignal=SIGKILL
[Install]
WantedBy=multi-user.target
'''
_NAME = 'tripleo_counter.service'
_INSTALL = f'''set -e
cat >/var/lib/tripleo_counter.py <<'END'
{_PROGRAM}
END
cat >/etc/systemd/system/{_NAME} <<'END'
{_UNIT}
END
rm -f {FILE}
systemctl daemon-reload
systemctl enable -q --now {_NAME}
'''
_REMOVE = f'''
systemctl disable -q --now {_NAME}
rm -f /etc/systemd/system/{_NAME} /var/lib/tripleo_counter.py {FILE}
systemctl daemon-reload
'''


class Counter:
    """The services of all three controllers; number n goes to node n % 3."""

    def __init__(self):
        self._open = {}

    def install(self):
        """Put it on all nodes and start it."""
        _on_all(_INSTALL)

    def remove(self):
        """Take it off all nodes again, whatever is left of it."""
        _on_all(_REMOVE, check=False)

    def add(self, number):
        """Have a number written; returns when the node has said so.

        :raises OSError: it has not, within 30 seconds.
        """
        node, line = number % 3, b'%d\n' % number
        try:
            link = self._open.get(node) or socket.create_connection(
                (_ADDRESS.format(node), PORT), 30)
            link.settimeout(30)
            self._open[node] = link
            link.sendall(line)
            if link.recv(len(line)) != line:
                raise OSError('the service is gone')
        except OSError:
            self._open.pop(node, None)
            raise

    def read(self):
        """Give what is in the files: a sorted list of numbers of each
        node."""
        return [sorted(set(json.loads(f'[{",".join(said.split())}]')))
                for said in _on_all(f'cat {FILE}')]


def _on_all(script, check=True):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(lambda node: machines.on(node, script, check),
                             services.CONTROLLERS))
