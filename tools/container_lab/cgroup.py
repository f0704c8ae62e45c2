"""One control group a machine: what is in it belongs to the machine, whoever its parent is."""

import os
import pathlib
import time

_ROOT = pathlib.Path('/sys/fs/cgroup')
_HYBRID = _ROOT / 'unified'


def folders(name):
    """Return the machine's control groups in every hierarchy it is isolated in."""
    if not _HYBRID.is_dir():
        return [_ROOT / 'baas-lab' / name]
    # systemd in the node manages its services through one of these: two nodes must never share them.
    return [tree / 'baas-lab' / name for tree in (_HYBRID, _ROOT / 'systemd', _ROOT / 'freezer', _ROOT / 'pids')
            if tree.is_dir()]


def enter(name):
    """Move the calling process into the machine's control groups."""
    for folder in folders(name):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'cgroup.procs').write_text(str(os.getpid()))


def processes(name):
    """List the processes of a machine."""
    found = []
    for path, _, _ in os.walk(folders(name)[0]):
        try:
            found += pathlib.Path(path, 'cgroup.procs').read_text().split()
        except OSError:
            continue
    return [int(pid) for pid in found]


def kill(name):
    """Cut the power: end all processes of a machine at once."""
    switch = folders(name)[0] / 'cgroup.kill'
    for _ in range(100):
        if not processes(name):
            break
        switch.write_text('1')
        time.sleep(0.05)
    remove(name)


def remove(name):
    """Take the empty control groups of a machine away."""
    for folder in folders(name):
        _prune(folder)


def remove_all(names):
    """Take what is left of machines' control groups away; those of another lab stay."""
    for name in names:
        remove(name)
    for folder in folders('any'):
        _rmdir(folder.parent)


def _prune(folder):
    for path, _, _ in os.walk(folder, topdown=False):
        _rmdir(path)


def _rmdir(path):
    try:
        os.rmdir(path)
    except OSError:
        pass
