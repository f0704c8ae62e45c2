# SPDX-License-Identifier: Apache-2.0
"""libvirtd of the lab's own, and the machine as a domain of it.

It runs without systemd, in a mount namespace in which the folders libvirt
takes for its own are the lab's, so that another libvirt is not disturbed.
"""
import pathlib
import subprocess

from baremetal_lab import daemons
from baremetal_lab import places
from baremetal_lab import qemu
from container_lab import running

SOCKET = places.LIBVIRT / 'socket/libvirt-sock'
URI = f'qemu+unix:///system?socket={SOCKET}'
DOMAIN = places.NODE.name
# Where virtual media are kept for the time they are inserted.
POOL = places.LIBVIRT / 'pool'
_FOLDERS = {'etc': '/etc/libvirt', 'lib': '/var/lib/libvirt',
            'run': '/run/libvirt', 'log': '/var/log/libvirt',
            'cache': '/var/cache/libvirt',
            # Empty: of another build than the newer QEMU, they make it abort.
            'modules': '/usr/lib/x86_64-linux-gnu/qemu'}
_LIBVIRTD = '''listen_tls = 0
listen_tcp = 0
unix_sock_dir = "{socket}"
auth_unix_rw = "none"
auth_unix_ro = "none"
log_outputs = "2:stderr"
'''
_QEMU = '''user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
'''
# libvirt refuses to start without these, even if it is told to use others.
_ACCOUNTS = {'passwd': 'libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin\n',
             'group': 'libvirt-qemu:x:64055:\n'}
_START = '''set -e
{binds}
exec libvirtd --config /etc/libvirt/libvirtd.conf --pid-file /run/libvirt/pid
'''


def start():
    """Start libvirtd and wait until it answers."""
    if answers():
        return
    for name, place in _FOLDERS.items():
        (places.LIBVIRT / name).mkdir(parents=True, exist_ok=True)
        running.run('mkdir', '-p', place)
    for folder in (SOCKET.parent, POOL):
        folder.mkdir(exist_ok=True)
    _write_settings()
    qemu.ensure()
    binds = '\n'.join(
        f'mount --bind {places.LIBVIRT}/{name} {place}' for name, place in
        (*_FOLDERS.items(), *((name, f'/etc/{name}') for name in _ACCOUNTS)))
    daemons.start('libvirtd', ['unshare', '--mount', '--propagation=private',
                               'sh', '-c', _START.format(binds=binds)])
    running.wait_for('an answer of libvirtd', answers, 60,
                     daemons.log_of('libvirtd'))
    _make_pool()


def stop():
    """Cut the power of the machine, and stop libvirtd."""
    if answers():
        running.works(*virsh('destroy', DOMAIN))
    daemons.stop('libvirtd')


def answers():
    """Tell whether libvirtd answers."""
    return SOCKET.exists() and running.works(*virsh('list'))


def define(text):
    """Define the machine, in place of what was defined (str: XML)."""
    running.run(*virsh('define', '/dev/stdin'), text=text)


def undefine():
    """Forget the machine; its disks are somebody else's matter."""
    running.works(*virsh('undefine', DOMAIN, '--nvram'))


def state():
    """Give what libvirt says of the machine (str), ``gone`` if nothing."""
    done = subprocess.run(virsh('domstate', DOMAIN), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return 'gone' if done.returncode else done.stdout.strip()


def power_on():
    """Switch the machine on, unless it is."""
    if state() != 'running':
        running.run(*virsh('start', DOMAIN),
                    hint=daemons.log_of('libvirtd'))


def power_off():
    """Cut the power of the machine: nothing on it can end well."""
    if state() not in ('shut off', 'gone'):
        running.run(*virsh('destroy', DOMAIN))


def run(*words):
    """Run a virsh command; give what it prints."""
    return running.run(*virsh(*words))


def virsh(*words):
    """Give the words of a virsh command that speaks to this libvirtd."""
    return ['virsh', '--quiet', '--connect', URI, *words]


def _write_settings():
    etc = places.LIBVIRT / 'etc'
    (etc / 'libvirtd.conf').write_text(_LIBVIRTD.format(socket=SOCKET.parent))
    (etc / 'qemu.conf').write_text(_QEMU)
    for name, line in _ACCOUNTS.items():
        known = pathlib.Path('/etc', name).read_text()
        if 'libvirt-qemu:' not in known:
            known += line
        (places.LIBVIRT / name).write_text(known)


def _make_pool():
    # Where sushy-tools puts what is to be in the drive.
    if not running.works(*virsh('pool-info', 'default')):
        run('pool-define-as', 'default', 'dir', '--target', str(POOL))
        run('pool-autostart', 'default')
    running.works(*virsh('pool-start', 'default'))
