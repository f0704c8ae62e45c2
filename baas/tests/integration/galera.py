# SPDX-License-Identifier: Apache-2.0
"""A Galera cluster of one test's own."""
import os
import shutil
import time

from baas.tests.integration import mariadb
from baas.tests.integration import process

_PROVIDERS = ('/usr/lib/galera/libgalera_smm.so',
              '/usr/lib64/galera-4/libgalera_smm.so')


def missing():
    """Say what this machine lacks for a cluster, or give None."""
    if not shutil.which('mariadbd', path='/usr/sbin:/usr/bin'):
        return 'there is no mariadbd'
    if not any(os.path.exists(path) for path in _PROVIDERS):
        return 'there is no library of Galera'
    return None


class Cluster:
    """Members on the loopback, each with new data of its own.

    :param folder: where their data go (:class:`pathlib.Path`).
    :param count: how many there are.
    :param options: further words for each server.
    :ivar members: list of :class:`baas.tests.integration.mariadb.MariaDB`.
    """

    def __init__(self, folder, count=2, options=()):
        [provider, *_] = [path for path in _PROVIDERS
                          if os.path.exists(path)]
        ports = [process.free_port() for _ in range(count)]
        address = 'gcomm://' + ','.join(
            f'127.0.0.1:{port}' for port in ports)
        self.members = []
        for number, port in enumerate(ports):
            own = folder / f'member-{number}'
            own.mkdir()
            own.chmod(0o711)
            self.members.append(mariadb.MariaDB(own, [
                '--wsrep-on=ON', f'--wsrep-provider={provider}',
                f'--wsrep-cluster-address={address}',
                f'--wsrep-node-name=member-{number}',
                f'--wsrep-node-address=127.0.0.1:{port}',
                '--wsrep-provider-options='
                f'gmcast.listen_addr=tcp://127.0.0.1:{port};'
                f'ist.recv_addr=127.0.0.1:{process.free_port()}',
                '--binlog-format=ROW',
                '--innodb-autoinc-lock-mode=2', f'--server-id={number + 1}',
                *(['--wsrep-new-cluster'] if not number else []),
                *options]))

    def start(self):
        """Start all of them; give itself."""
        first, *others = self.members
        first.start(account=False)
        self.wait(first)
        first.stop()
        for member in others:
            # Who begins with the same state need not be sent any.
            shutil.copytree(first.data, member.data)
            process.run(['chown', '-R', f'--reference={first.data}',
                         member.data])
        for member in self.members:
            member.start()
            self.wait(member)
        return self

    def wait(self, member, seconds=process.SECONDS):
        """Wait until a member is in step with the others."""
        until = time.monotonic() + seconds
        while True:
            said = member.ask(
                "SHOW STATUS LIKE 'wsrep_local_state_comment'")
            if said and said[0].endswith('Synced'):
                return
            if time.monotonic() > until:
                raise AssertionError(said)
            time.sleep(0.1)

    def stop(self):
        """End all of them."""
        for member in reversed(self.members):
            member.stop()
