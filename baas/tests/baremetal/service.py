# SPDX-License-Identifier: Apache-2.0
"""A baas-standalone of the tests' own, set up for the bare-metal lab."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from baas.tests.baremetal import metal
from baas.tests.lab import service
from baas.tests.unit.storage.drivers import sshd

CONFIGURATION = '''
[DEFAULT]
state_path = {state}
log_file = {state}/baas.log
[api]
bind_port = {port}
[conductor]
sweep_interval = 2
[runner]
inventory = {metal}/inventory.yaml
[storage]
driver = {storage}
allow_on_target = true
[storage_sftp]
{sftp}
[storage_nfs]
host = {host}
export = /backup/{state.name}
options = nfsvers=4.1,soft
[verification]
period = 0
[payload]
restic = {restic}
kind = {payload}
[quiesce]
health_timeout = 900
way = stop
[rescue]
image = {image}
[boot]
method = {method}
time_limit = 25
manual_timeout = {manual_timeout}
images_dir = {images}
images_url = http://{host}:8088/baas
kernel_params = {params}
{boot}
[boot_pxe]
tftp_dir = {metal}/tftp
[boot_ironic]
mode = {mode}
auth_type = http_basic
{ironic}
'''
# The server of the lab needs no kernel that knows NFS, and that of the host,
# where its folder is, may not.
_MOUNT = f'''#!/bin/sh
/bin/mount "$@" && exit
status=$?
case "$*" in *"{metal.HOST}:/backup/"*)
    for place; do :; done
    exec /bin/mount --bind "{metal.STATE}/backup/{{name}}" "$place" ;;
esac
exit $status
'''
# The machine has one name for its network card whatever it boots; a clock
# that is emulated is no clock to go by.
PARAMS = ('root=/dev/ram0 rw selinux=0 net.ifnames=0 console=tty0 '
          'console=ttyS0,115200 mitigations=off tsc=reliable clocksource=tsc')


class Service(service.Service):
    """See :class:`service.Service`; backups go to the host, by SFTP or NFS.

    :param folder: where it keeps all that it has; a new one by default.
    :ivar stored: the folder of the storage.
    """
    patience = 300  # beside an emulated machine all takes its time

    def __init__(self, folder=None):
        self.state = pathlib.Path(folder or tempfile.mkdtemp(
            prefix='baas-metal-'))
        self.process = None
        self._at, self._since = None, time.monotonic()
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        self.stored = self.state / 'stored'
        keys = self.state / 'sshd'
        shutil.rmtree(keys, ignore_errors=True)
        keys.mkdir()
        self.sshd = sshd.Server(keys, address=metal.HOST)
        self.images = metal.STATE / 'http' / 'baas'
        self.images.mkdir(exist_ok=True)
        # So that the web server lists nothing.
        (self.images / 'index.html').touch()

    def configure(self, method='ironic', mechanism='auto', payload='restic',
                  image='auto', boot='', more='', hands_limit=45,
                  storage='sftp'):
        """Write the configuration; what changed counts after a restart.

        :param manual_timeout: minutes that a rescue system gets to call back
            where somebody turns its machine on.
        :param storage: ``sftp`` or ``nfs``.
        """
        if storage == 'nfs':
            self.stored = metal.STATE / 'backup' / self.state.name
            self._mount_by_folder()
        self.stored.mkdir(exist_ok=True)
        auth = json.loads((metal.STATE / 'clouds.yaml').read_text())[
            'clouds']['baas-metal']['auth']
        text = CONFIGURATION.format(
            state=self.state, port=self.port, metal=metal.STATE,
            host=metal.HOST, restic=service.RESTIC, images=self.images,
            params=PARAMS, method=method, mechanism=mechanism, payload=payload,
            image=image, boot=boot, hands_limit=hands_limit,
            storage=storage, sftp=_lines(self.sshd.options(self.stored)),
            ironic=_lines({
                'username': auth['username'], 'password': auth['password'],
                'endpoint_override': auth['endpoint']}))
        path = self.state / 'baas.conf'
        path.touch(mode=0o600)
        path.write_text(text + more)

    def start(self):
        """See :meth:`service.Service.start`."""
        if self.sshd._process is None:
            self.sshd.start()
        super().start()

    def _mount_by_folder(self):
        programs = self.state / 'bin'
        programs.mkdir(exist_ok=True)
        (programs / 'mount').write_text(_MOUNT.format(name=self.state.name))
        (programs / 'mount').chmod(0o755)
        self.variables = {**os.environ,
                          'PATH': f'{programs}:{os.environ["PATH"]}'}

    def lose_storage(self):
        """Have nobody find what it has stored."""
        self.sshd.stop()
        self.stored = self.stored.rename(self.stored.with_suffix('.lost'))

    def manage(self, *words):
        """Run baas-manage; give what it prints."""
        return subprocess.run(
            [pathlib.Path(sys.executable).parent / 'baas-manage',
             '--config-file', self.state / 'baas.conf', *words], check=True,
            env=self.variables, text=True, stdout=subprocess.PIPE).stdout

    def job(self, id):
        """See :meth:`service.Service.job`; tells which step has begun, for
        who waits for so long."""
        found = super().job(id)
        [*_, at] = [found['kind'], *(
            step['name'] for step in found['steps']
            if step['state'] != 'waiting')]
        now = time.monotonic()
        if self._at != (id, at):
            print(f'{time.strftime("%H:%M:%S")}  {now - self._since:5.0f} s  '
                  f'{found["kind"]}: {at} begins', file=sys.stderr,
                  flush=True)
            self._at, self._since = (id, at), now
        return found

    def remove(self):
        """See :meth:`service.Service.remove`."""
        self.stop()
        self.sshd.stop()
        shutil.rmtree(self.stored, ignore_errors=True)
        shutil.rmtree(self.state)


def _lines(options):
    return '\n'.join(f'{name} = {value}' for name, value in options.items())
