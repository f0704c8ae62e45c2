# SPDX-License-Identifier: Apache-2.0
"""The bare-metal lab as tests use it."""
import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.request

LAB = pathlib.Path(__file__).parents[3] / 'tools' / 'lab-baremetal'
STATE = pathlib.Path(os.environ.get('BAAS_METAL_DIR', '/var/lib/baas-metal'))
NODE = 'controller-0'
MEMBERS = (NODE, 'controller-1', 'controller-2')
HOST, ADDRESS = '172.31.78.1', '172.31.78.10'
CARD = '52:54:00:78:00:10'
ENTRY = (STATE / 'tftp' / 'pxelinux.cfg'
         / f'01-{CARD.replace(":", "-")}')
"""What the machine boots from where the network boots by pxelinux."""


def lab(*words, seconds=1200, check=True):
    """Run a command of the lab; give what it prints.

    :param words: its words, such as ``up``.
    :param seconds: how long it may take.
    :param check: whether it must end with 0.
    """
    done = subprocess.run(
        [LAB, *words], check=False, text=True, timeout=seconds,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    if check and done.returncode:
        raise AssertionError(f'lab-baremetal {" ".join(words)}: '
                             f'{done.stdout[-2000:]}')
    return done.stdout


def on(script, seconds=120, node=NODE):
    """Run a shell script as root on the machine, or on another member of its
    cluster; give what it prints."""
    return lab('shell', node, f"sudo sh -ec '{script}'", seconds=seconds)


def status():
    """Give what the lab says of itself (dict)."""
    return json.loads(lab('status', '--json', check=False))


def log(name):
    """Give what a server of the lab has written into its log."""
    return (STATE / 'logs' / f'{name}.log').read_text()


def console_log():
    """Give all that the machine has written to its serial console."""
    return (STATE / 'machine' / 'console.log').read_text(errors='replace')


def ironic(method, path, body=None):
    """Call the Bare Metal service; give its answer."""
    auth = json.loads((STATE / 'clouds.yaml').read_text())[
        'clouds']['baas-metal']['auth']
    passwords = urllib.request.HTTPPasswordMgrWithPriorAuth()
    passwords.add_password(None, auth['endpoint'], auth['username'],
                           auth['password'], is_authenticated=True)
    opener = urllib.request.build_opener(
        urllib.request.HTTPBasicAuthHandler(passwords))
    with opener.open(urllib.request.Request(
            auth['endpoint'] + path, method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={'Content-Type': 'application/json',
                     'X-OpenStack-Ironic-API-Version': '1.80'}),
            timeout=60) as answer:
        return json.loads(answer.read() or 'null')


def wait_until(what, check, seconds):
    """Wait until a function says something true; give it."""
    end = time.monotonic() + seconds
    while not (found := check()):
        if time.monotonic() > end:
            raise AssertionError(f'{what}: not within {seconds} s')
        time.sleep(1)
    return found


class Console:
    """Somebody at the serial console of the machine; a context."""

    def __init__(self):
        self._line = socket.socket(socket.AF_UNIX)
        self._line.settimeout(1)
        self._heard = ''

    def __enter__(self):
        self._line.connect(str(STATE / 'machine' / 'console.sock'))
        return self

    def __exit__(self, *_):
        self._line.close()

    def wait_for(self, form, seconds):
        """Wait until something is said; give what fits.

        :param form: regular expression.
        """
        end = time.monotonic() + seconds
        while not (found := re.search(form, self._heard)):
            if time.monotonic() > end:
                raise AssertionError(f'{form} was not said within {seconds} '
                                     f's, but {self._heard[-2000:]}')
            try:
                said = self._line.recv(4096)
            except TimeoutError:
                continue
            if not said:
                raise AssertionError(f'The console ended: '
                                     f'{self._heard[-2000:]}')
            self._heard += said.decode(errors='replace')
        self._heard = self._heard[found.end():]
        return found.group()

    def type(self, line):
        """Type a line."""
        self._line.sendall(line.encode() + b'\r')
