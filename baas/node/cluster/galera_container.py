# SPDX-License-Identifier: Apache-2.0
"""A member of Galera in a container of kolla-ansible that starts its cluster.

A container has the command and the environment that it was made with, so that
its settings are what can be told to it. kolla-ansible itself makes it anew for
that; see mariadb_recovery in its operating guide."""
import contextlib
import os
import re

from baas.node import errors
from baas.node import paths
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import container_engine
from baas.node.system import presence
from baas.node.system import systemd

SETTINGS = '/etc/kolla/mariadb'
"""Where the settings are that the container takes when it starts."""
ADDRESS = re.compile(r'^(\s*wsrep_cluster_address\s*=\s*)"?gcomm://.*$',
                     re.MULTILINE)
"""How a member is told who the others are; of nobody it starts a cluster."""
_NAME, _INSIDE = 'mariadb', '/var/lib/kolla/config_files'
_RUN = 'exec "$(command -v mariadbd || command -v mysqld)" "$@"'
_PROCESSES = ('mariadbd', 'mysqld', 'mariadbd-safe', 'mysqld_safe')
_SECONDS = 60
_HINT = ('Start the first member by hand, as with kolla-ansible '
         'mariadb-recovery.')


def start(unit):
    """Start the server as the first of its cluster, this once.

    Nothing is written to its settings: until it has read them, others lie over
    them, which are gone after a reboot, too. One that runs, and waits for
    others, is ended before; one that still stops is waited for.

    :param unit: the unit of the container.
    :raises baas.node.errors.NodeError: it was not told, or does not begin.
    """
    forget()
    found = settings()
    if not found:
        raise errors.NodeError(
            'No settings in %s name the cluster of the database.' % SETTINGS,
            _HINT)
    if presence.runs(*_PROCESSES):
        _end(unit)
    try:
        for number, path in enumerate(found):
            _cover(path, os.path.join(_folder(), str(number)))
        systemd.act('start', [unit])
        _wait(unit)
    finally:
        forget()


def joins():
    """Tell whether its settings name other members."""
    return any(ADDRESS.search(_read(path)).group().split('gcomm://')[1]
               .strip(' "') for path in settings())


def server():
    """Give the words with which the server runs once on its data, beside its
    container, which does not run; None where there is no such container."""
    found = settings()
    for engine in container_engine.paths() if found else ():
        status, image, _ = command.attempt(
            [engine, 'inspect', '--format', '{{.Image}}', _NAME], 20)
        if not status:
            return [engine, 'run', '--rm', '--volumes-from', _NAME,
                    '--network', 'none', '--user', 'root', '--entrypoint',
                    'sh', image.strip(), '-c', _RUN, 'sh', '--defaults-file='
                    + os.path.join(_INSIDE, os.path.basename(found[0]))]
    return None


def forget():
    """Let the server have its own settings again, whoever has left others
    over them; again is harmless.

    :raises baas.node.errors.NodeError: they cannot be taken away.
    """
    for path in settings():
        while _is_covered(path):
            command.run(['umount', path], 'Unmount it by hand.', 20)
    with contextlib.suppress(FileNotFoundError):
        for name in os.listdir(_folder()):
            os.unlink(os.path.join(_folder(), name))
        os.rmdir(_folder())


def settings():
    """List the files of settings that name the members (paths)."""
    names = os.listdir(SETTINGS) if os.path.isdir(SETTINGS) else []
    return [path for path in (os.path.join(SETTINGS, name)
                              for name in sorted(names)
                              if name.endswith('.cnf'))
            if ADDRESS.search(_read(path))]


def _folder():
    return os.path.join(paths.RUN, 'galera')


def _read(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as handle:
        return handle.read()


def _cover(path, other):
    """Lay settings without other members over a file, for others to read as
    it is for them."""
    paths.make(os.path.dirname(other))
    command.run(['cp', '--archive', '--', path, other], _HINT, 20)
    atomic_file.replace(other, ADDRESS.sub(r'\1gcomm://', _read(path)))
    command.run(['mount', '--bind', other, path], _HINT, 20)


def _is_covered(path):
    # As in proc(5): blanks and the like are written as octal numbers.
    wanted = re.sub(r'[ \t\n\\]', lambda one: '\\%03o' % ord(one[0]), path)
    with open('/proc/self/mountinfo') as handle:
        return any(line.split(' ')[4] == wanted for line in handle)


def _end(unit):
    """Wait until a server that stops has ended, and end one that waits: it
    hears no statement, and what its container runs does not heed the signal.

    :raises baas.node.errors.NodeError: it runs on.
    """
    if systemd.states([unit])[unit] in systemd.RUNNING:
        for engine in container_engine.paths():
            command.attempt([engine, 'kill', _NAME], 20)
        systemd.act('stop', [unit])
    if systemd.wait([unit], lambda state: state in ('inactive', 'failed'),
                    clock.boottime() + _SECONDS, clock.boottime):
        raise errors.NodeError(
            'The database of %s runs on, and cannot be started as the first '
            'of its cluster.' % unit, _HINT)


def _wait(unit):
    """Wait until the server begins: it has its settings by then."""
    def begins(state):
        return state == 'failed' or presence.runs(*_PROCESSES)

    wrong = systemd.wait([unit], begins, clock.boottime() + _SECONDS,
                         clock.boottime)
    if wrong:
        raise errors.NodeError(
            'The database of %s has not begun within %d seconds.' % (
                unit, _SECONDS), _HINT)
