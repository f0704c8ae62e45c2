# SPDX-License-Identifier: Apache-2.0
"""ReaR alone on the machine of the bare-metal lab: what one does by hand."""
import base64
import gzip
import pathlib
import shutil
import subprocess
import time

from baas.boot import rescue_ssh
from baas import ssh
from baas.tests.baremetal import metal
from baas.tests.baremetal import service

_NAME = 'by-hand'
_HOUR = 3600
_KEY = metal.STATE / 'ssh' / 'id_ed25519'
_HOST_KEY = 'etc/ssh/ssh_host_ed25519_key.pub'
_CALL = {**ssh.CHECKED, 'ConnectTimeout': 5, 'LogLevel': 'ERROR'}
_CONFIG = f'''OUTPUT=RAMDISK
RAMDISK_SUFFIX={_NAME}
BACKUP=NETFS
BACKUP_URL=nfs://{metal.HOST}/backup
BACKUP_OPTIONS=nfsvers=4.1,nolock
NETFS_PREFIX={_NAME}
OUTPUT_PREFIX={_NAME}
REAR_INITRD_COMPRESSION=fast
USE_DHCLIENT=yes
USER_INPUT_TIMEOUT=5
USER_INPUT_INTERRUPT_TIMEOUT=1
'''
# The machine is thrown away: nothing of this is undone on it.
_BACK_UP = f'''install -d -m 700 /root/.ssh
printf %s {{key}} | base64 -d >>/root/.ssh/authorized_keys
mkdir -p /root/{_NAME}
printf %s {{config}} | base64 -d >/root/{_NAME}/local.conf
sync
echo 3 >/proc/sys/vm/drop_caches
rear -c /root/{_NAME} mkbackup </dev/null
'''
_ENTRY = '''DEFAULT rescue
PROMPT 0
LABEL rescue
  KERNEL {url}/kernel-{name}
  INITRD {url}/initramfs-{name}.img
  APPEND {params}
'''


class ByHand:
    """An archive by tar and gzip on an NFS server, and its way back.

    :ivar phases: seconds of each phase of the way back, by name.
    """

    def __init__(self):
        self.phases = {}
        self._web = metal.STATE / 'http' / _NAME
        self._stored = metal.STATE / 'backup' / _NAME
        self._way = rescue_ssh.RescueSsh(
            metal.ADDRESS, 22, 'root', str(_KEY),
            str(metal.STATE / 'ssh' / f'{_NAME}_known_hosts'), _NAME)

    def back_up(self):
        """Make archive and rescue image; give the seconds."""
        begun = time.monotonic()
        metal.on(_BACK_UP.format(
            key=_packed(_KEY.with_suffix('.pub').read_text()),
            config=_packed(_CONFIG)), _HOUR)
        took = time.monotonic() - begun
        print(f'  by hand: rear mkbackup {took:.0f} s', flush=True)
        return took

    def recover(self):
        """Bring a machine with blank disks back, from its power button to a
        login; give itself."""
        self._publish()
        self._time('rescue system', self._boot)
        self._time('rear recover', self._recover)
        self._time('boot', self._reboot)
        return self

    @property
    def seconds(self):
        """What all phases have taken."""
        return sum(self.phases.values())

    def clear(self):
        """Remove archive, image, its host key and boot entry."""
        metal.ENTRY.unlink(missing_ok=True)
        pathlib.Path(self._way.known_hosts).unlink(missing_ok=True)
        for folder in (self._web, self._stored):
            shutil.rmtree(folder, ignore_errors=True)

    def _time(self, name, act):
        begun = time.monotonic()
        act()
        self.phases[name] = time.monotonic() - begun
        print(f'  by hand: {name} {self.phases[name]:.0f} s', flush=True)

    def _publish(self):
        self._web.mkdir(exist_ok=True)
        for path in self._stored.glob(f'*-{_NAME}*'):
            shutil.copy(path, self._web)
        pin(self._web / f'initramfs-{_NAME}.img', self._way)
        metal.ENTRY.parent.mkdir(exist_ok=True)
        metal.ENTRY.write_text(_ENTRY.format(
            url=f'http://{metal.HOST}:8088/{_NAME}', name=_NAME,
            params=service.PARAMS))

    def _boot(self):
        metal.lab('power', 'on')
        metal.wait_until('a login to the rescue system',
                         lambda: run(self._way, 'echo in') == 'in\n', 900)

    def _recover(self):
        # What it leaves running for NFS would keep the connection open.
        said = run(self._way, 'rear recover </dev/null >/tmp/said 2>&1 && '
                   'echo done >>/tmp/said; tail -n 20 /tmp/said', _HOUR)
        if not (said or '').endswith('done\n'):
            raise RuntimeError(f'rear recover failed: {said}')

    def _reboot(self):
        metal.ENTRY.unlink()
        run(self._way, 'sync; umount -R /mnt/local; reboot -f')
        metal.wait_until('a login to the machine',
                         lambda: metal.status()['ssh'], 900)


def _packed(text):
    return base64.b64encode(text.encode()).decode()


def pin(initrd, way):
    """Have a rescue system known by the host key that ReaR has made for its
    image.

    :param initrd: path of the initrd of the image.
    :param way: the :class:`baas.boot.rescue_ssh.RescueSsh` to it.
    """
    with gzip.open(initrd) as archive:
        key = subprocess.run(
            ['cpio', '--quiet', '-i', '--to-stdout', f'*{_HOST_KEY}'],
            input=archive.read(), stdout=subprocess.PIPE, check=True).stdout
    if not key.startswith(b'ssh-ed25519 '):
        raise RuntimeError(f'{initrd} has no {_HOST_KEY}')
    pathlib.Path(way.known_hosts).write_text(f'{way.alias} {key.decode()}')


def run(way, script, seconds=30):
    """Run a shell script in a rescue system; give what it prints, None when
    that takes too long.

    :param way: the :class:`baas.boot.rescue_ssh.RescueSsh` to it.
    """
    try:
        return subprocess.run(
            ['ssh', *ssh.words(_CALL), *way.options(), '-i', way.key,
             '-p', str(way.port), '-l', way.user, '--', way.address, script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, timeout=seconds).stdout
    except subprocess.TimeoutExpired:
        return None
