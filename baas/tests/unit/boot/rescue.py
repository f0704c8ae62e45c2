# SPDX-License-Identifier: Apache-2.0
"""A rescue system on loopback: an sshd with what the overlay of an image that
was fetched has brought, and nothing else."""
from baas.tests.unit.boot import site
from baas.tests.unit.storage.drivers import sshd

_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {root}/etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile {root}/root/.ssh/authorized_keys
PidFile {root}/pid
ForceCommand cat {root}/etc/baas/nonce
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
LogLevel ERROR
"""


class Rescue(sshd.Server):
    """Boots as a kernel does, as far as keys and nonce go.

    :param folder: for its files (:class:`pathlib.Path`).
    :param first: the initrd without the overlay (bytes).
    """

    def __init__(self, folder, first):
        folder.mkdir()
        super().__init__(folder)
        self._first = first

    def boot(self, initrd):
        """Unpack what follows in an initrd, and listen.

        :param initrd: as the machine has loaded it (bytes).
        """
        if not initrd.startswith(self._first):
            raise AssertionError('this is another rescue image')
        begin = len(self._first) + -len(self._first) % 4
        root = self.folder / 'root'
        root.mkdir(exist_ok=True)
        site.run('cpio', '--quiet', '-i', '-d', '-m', '-u', cwd=root,
                 given=initrd[begin:])
        config = self.folder / 'sshd_config'
        config.write_text(_CONFIG.format(port=self.port, root=root))
        self.start(config)

    def start(self, config=None):
        """Listen; with keys of its own, as another system would, when no
        configuration is given."""
        if config is None:
            return super().start()
        self.run(config)
