"""A machine and its firmware: a detached process that boots what is on the disk, again and again."""

import os
import pathlib
import signal
import subprocess
import sys
import time

from container_lab import cgroup, disk, places, rescue, shapes
from container_lab.running import LabError, wait_for, works

REBOOT = 133  # what systemd-nspawn --keep-unit ends with when the machine asked for a reboot
LAB = pathlib.Path(__file__).resolve().parent.parent / 'lab'


def start(node, rescue_first=False):
    """Switch a machine on and return at once."""
    if is_on(node):
        return
    node.folder.mkdir(parents=True, exist_ok=True)
    flag = node.folder / 'rescue'
    flag.touch() if rescue_first else flag.unlink(missing_ok=True)
    (node.folder / 'state').write_text('starting')
    with open(node.folder / 'console.log', 'ab') as log:
        subprocess.Popen([sys.executable, LAB, 'supervise', node.name], stdin=subprocess.DEVNULL, stdout=log,
                         stderr=log, start_new_session=True, cwd='/',
                         env={**os.environ, 'BAAS_LAB_DIR': str(places.STATE)})
    wait_for(f'the start of {node.name}', lambda: supervisors(node.name) or not _starting(node), 10,
             f'see {node.folder}/console.log')


def power_off(node, lose_disk=False):
    """Cut the power of a machine: nothing on it gets a chance to end well."""
    # The supervisor first, or it would see the machine die and tidy up in our way.
    for pid in supervisors(node.name):
        os.kill(pid, signal.SIGKILL)
    cgroup.kill(node.machine)
    if lose_disk:
        disk.forget(node.disk)
    _clear(node)
    works('ip', 'link', 'delete', node.link)
    for name in ('pid', 'rescue', 'cut', 'state'):
        (node.folder / name).unlink(missing_ok=True)


def is_on(node):
    """Tell whether a machine runs and has its supervisor."""
    return bool(supervisors(node.name)) and (bool(cgroup.processes(node.machine)) or _starting(node))


def is_installed(node):
    """Tell whether the machine's disk is supposed to hold a system, as far as the lab has made it."""
    return (node.folder / 'installed').exists()


def state(node):
    """Return what the supervisor last said the machine does."""
    if not is_on(node):
        return 'off'
    try:
        return (node.folder / 'state').read_text()
    except FileNotFoundError:
        return 'off'


def supervisors(name):
    """List the supervisors of a machine of this very state folder, whatever pid files say."""
    found = []
    for folder in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            words = (folder / 'cmdline').read_bytes().split(b'\0')
            # Another checkout may have switched it on.
            if words[-3:-1] != [b'supervise', name.encode()] or not words[-4].endswith(b'/tools/lab'):
                continue
            environment = (folder / 'environ').read_bytes().split(b'\0')
        except OSError:
            continue
        if f'BAAS_LAB_DIR={places.STATE}'.encode() in environment:
            found.append(int(folder.name))
    return found


def leader(node):
    """Return the process that is pid 1 inside a machine."""
    for pid in cgroup.processes(node.machine):
        try:
            status = pathlib.Path(f'/proc/{pid}/status').read_text()
        except OSError:
            continue
        names = next(line for line in status.splitlines() if line.startswith('NSpid:')).split()[1:]
        if len(names) > 1 and names[-1] == '1':
            return pid
    return None


def reboot(node, at_once=False):
    """Ask the system on a machine to reboot, and return when another one has come up in its place.

    At once means as a watchdog does it: nothing is stopped or asked before.
    """
    old = leader(node)
    if not old:
        raise LabError(f'{node.name} is off', 'switch the lab on with `tools/lab up`')
    # systemd starts reboot.target, or reboots immediately; works with the cable cut too.
    os.kill(old, signal.SIGRTMIN + (15 if at_once else 5))
    wait_for(f'the reboot of {node.name}', lambda: leader(node) not in (None, old), 120,
             f'see {node.folder}/console.log')


def supervise(node):
    """Be the firmware: boot, and boot again whenever the machine reboots. Runs detached."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    (node.folder / 'pid').write_text(str(os.getpid()))
    flag = node.folder / 'rescue'
    armed = flag.exists()  # a machine that once ran the rescue falls back to it while its disk has no system
    try:
        while True:
            command = _boot(node, flag, armed)
            if not command:
                _say(node, 'no operating system on the disk')
                break
            ended = _run(node, command)
            _clear(node)
            if ended != REBOOT:
                _say(node, f'power off ({ended})')
                break
    finally:
        _clear(node)
        (node.folder / 'state').write_text('off')
        (node.folder / 'pid').unlink(missing_ok=True)


def _boot(node, flag, armed):
    """Choose what to boot and return the command for it."""
    if armed and not disk.has_filesystem(node.disk):
        disk.format_disk(node.disk, node.name)
    disk.mount(node.disk, node.root)
    if flag.exists() or (armed and not disk.holds_system(node.root)):
        flag.unlink(missing_ok=True)  # the next boot looks at the disk first
        root = rescue.build(node)
        (node.folder / 'state').write_text('rescue')
        return _command(node, root, f'--bind={node.root}:/mnt/local')
    if not disk.holds_system(node.root):
        return None
    (node.folder / 'installed').touch()  # a restored machine counts as whole again
    (node.folder / 'state').write_text('disk')
    return _command(node, node.root)


def _command(node, root, *more):
    words = ['systemd-nspawn', '--quiet', '--register=no', '--keep-unit', f'--directory={root}',
             f'--machine={node.machine}', f'--network-bridge={places.BRIDGE}', '--link-journal=no',
             '--resolv-conf=off', '--timezone=off', '--console=read-only', '--capability=CAP_IPC_LOCK',
             *shapes.current().options(node), *more]
    if node.role == 'storage':
        words.append(f'--bind={places.STORAGE_MOUNT}:/srv/backup-root')
    else:
        words.append(f'--bind={places.SHARED}')
    return [*words, '--boot']


def _run(node, command):
    _say(node, f'boots from {(node.folder / "state").read_text()}')
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env={**os.environ, **shapes.current().environment()},
                               preexec_fn=lambda: cgroup.enter(node.machine))
    if (node.folder / 'cut').exists():
        wait_for('the network link', lambda: works('ip', 'link', 'set', node.link, 'down'), 10, 'none', 0.05)
    return process.wait()


def _clear(node):
    cgroup.kill(node.machine)
    rescue_root = places.MOUNTS / f'{node.name}-rescue'
    for root in (node.root, rescue_root / 'root'):
        if disk.is_mounted(root):
            # systemd-nspawn forgets this file when it is killed.
            found = root.stat()
            pathlib.Path(f'/run/systemd/nspawn/locks/inode-{found.st_dev}:{found.st_ino}').unlink(missing_ok=True)
    disk.unmount(rescue_root)
    disk.unmount(node.root)


def _say(node, text):
    print(f'--- {time.strftime("%F %T")} {node.name}: {text}', flush=True)


def _starting(node):
    try:
        return (node.folder / 'state').read_text() == 'starting'
    except FileNotFoundError:
        return False
