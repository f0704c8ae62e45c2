# SPDX-License-Identifier: Apache-2.0
"""A real SSH server on loopback, with keys of its own."""
import contextlib
import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from baas.tests import ports

PROGRAM = '/usr/sbin/sshd'

_CONFIG = """\
ListenAddress {address}
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp {sftp}
LogLevel ERROR
MaxStartups {startups}
MaxSessions {sessions}
"""


class Login:
    """What lets the current user in at an SSH server.

    :param address: where the server listens.
    :param port: its TCP port.
    :param key: path of the private key that it accepts.
    :param known_hosts: path of a file with its host key.
    """

    def __init__(self, address, port, key, known_hosts):
        self.address, self.port = address, port
        self.key, self.known_hosts = key, known_hosts

    def options(self, path):
        """Give the section [storage_sftp] for a folder."""
        return {'host': self.address, 'port': self.port,
                'user': getpass.getuser(), 'path': str(path),
                'private_key': str(self.key),
                'known_hosts': str(self.known_hosts)}


class Server(Login):
    """An sshd that lets the current user in with one key.

    :param folder: folder for its files (:class:`pathlib.Path`).
    :param sftp: options of its SFTP server.
    :param address: where it listens.
    :param startups: its MaxStartups.
    :param sessions: its MaxSessions; both defaults are those of OpenSSH.
    """

    def __init__(self, folder, sftp='', address='127.0.0.1',
                 startups='10:30:100', sessions=10):
        self.folder, self.sftp = pathlib.Path(folder), sftp
        self.startups, self.sessions = startups, sessions
        super().__init__(address, ports.free(), self.make_key('key'),
                         self.folder / 'known_hosts')
        self.make_key('host_key')
        shutil.copy(f'{self.key}.pub', self.folder / 'authorized_keys')
        self.pin(self.folder / 'host_key.pub')
        self._process = None

    def make_key(self, name, *options):
        """Make a key pair; gives the path of its private half."""
        subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '',
                        '-f', self.folder / name, *options], check=True)
        return self.folder / name

    def pin(self, public):
        """Accept no other host key than this one."""
        self.known_hosts.write_text(
            f'[{self.address}]:{self.port} {public.read_text()}')

    def start(self, more=''):
        """Start it and wait until it answers.

        :param more: lines of its configuration.
        """
        config = self.folder / 'sshd_config'
        config.write_text(_CONFIG.format(
            port=self.port, folder=self.folder, sftp=self.sftp,
            address=self.address, startups=self.startups,
            sessions=self.sessions) + more)
        self.run(config)
        until = time.monotonic() + 120
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection((self.address, self.port),
                                         1).close()
                return
            if time.monotonic() > until:
                raise RuntimeError((self.folder / 'log').read_text())
            time.sleep(0.05)

    def run(self, config):
        """Start the program with a configuration, and do not wait.

        :param config: path of it.
        """
        if os.geteuid() == 0:
            # Its package makes this folder when the system starts.
            os.makedirs('/run/sshd', 0o755, exist_ok=True)
        with open(self.folder / 'log', 'ab') as log:
            self._process = subprocess.Popen(
                [PROGRAM, '-D', '-e', '-f', config],
                stdin=subprocess.DEVNULL, stderr=log)

    def stop(self):
        """Kill it together with its sessions, as when a host dies."""
        if self._process is None:
            return
        for pid in reversed(_family(self._process.pid)):
            if pid == self._process.pid:
                # Time for the server to bury its sessions.
                time.sleep(0.1)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


def missing():
    """Say what is not installed, None when all is."""
    for program in (PROGRAM, 'ssh', 'ssh-keygen'):
        if not shutil.which(program):
            return f'{program} is not installed (openssh-server)'
    return None


def _family(pid):
    found = [pid]
    with contextlib.suppress(FileNotFoundError):
        for task in pathlib.Path(f'/proc/{pid}/task').iterdir():
            for child in (task / 'children').read_text().split():
                found += _family(int(child))
    return found
