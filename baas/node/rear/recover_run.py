# SPDX-License-Identifier: Apache-2.0
"""``rear recover`` without anybody to answer its questions."""
import os
import re
import select
import signal
import subprocess
import time

from baas.node import errors
from baas.node import paths
from baas.node.system import atomic_file
from baas.node.system import clock
from baas.node.system import command
from baas.node.system import syscalls

SILENCE = 1800  # seconds without a word after which it hangs
_READY, _ANSWER = 'rear.ready', 'rear.answer'
_SCRIPT = '''#!/bin/bash
# The disks are there: wait until they are filled, or until nobody does so,
# which is the end of this pipe. To open it must not wait for him: he may be
# gone.
exec 3<>%(answer)s 4<%(answer)s 3>&-
: >%(ready)s
read -r said <&4
[ "$said" = filled ]
'''
# What is asked for nevertheless gets the answer that ends it: it must never
# begin again by itself.
_SETTINGS = '''BACKUP=EXTERNAL
EXTERNAL_RESTORE=( /bin/bash %(script)s )
EXTERNAL_IGNORE_ERRORS=()
EXTERNAL_CHECK=( true )
MIGRATION_MODE=false
MAPPING_FILE=%(mapping)s
DISKS_TO_BE_WIPED="%(disks)s"
TARGET_FS_ROOT=%(root)s
REBUILD_INITRAMFS=%(initrd)s
%(drivers)s
USER_INPUT_TIMEOUT=1
USER_INPUT_INTERRUPT_TIMEOUT=1
USER_INPUT_LAYOUT_CODE_RUN=6
USER_INPUT_LAYOUT_CODE_CONFIRMATION=true
USER_INPUT_WIPE_DISKS_CONFIRMATION=true
USER_INPUT_RESTORED_FILES_CONFIRMATION=true
# What the backup holds is not to be moved away or labelled anew.
BACKUP_RESTORE_MOVE_AWAY_FILES=()
BACKUP_SELINUX_DISABLE=0
POST_RECOVERY_SCRIPT=
POST_RECOVERY_COMMANDS=()
PRE_RECOVERY_SCRIPT=
PRE_RECOVERY_COMMANDS=()
'''
# ReaR has its own look at drivers: those of all that is in the machine, such
# as the CD it has booted from. Told that no modules count, it finds no
# difference, and does not warn of one.
_SAME_DRIVERS = 'MODULES=( no_modules )'
_STAGES = (
    ('Wiping child devices', 2, 'clearing disks'),
    ('Start system layout', 3, 'making partitions'),
    ('Creating LVM', 5, 'making volumes'),
    ('Creating filesystem', 7, 'making file systems'),
    ('Running dracut', 92, 'making the initrd of the node'),
    ('Installing GRUB2', 95, 'installing the boot loader'),
    ('Creating EFI Boot', 95, 'installing the boot loader'),
)
"""What ReaR says at the begin of a stage, percent, and what to call it."""
_NO_LOADER = 'YOUR SYSTEM WILL NOT BE ABLE TO BOOT'
_HINT = 'Read /var/log/rear and %s in the rescue system.'


def state(*names):
    """Give a path below the folder in which ReaR keeps what it knows."""
    return os.path.join(paths.TOP, 'var/lib/rear', *names)


def require():
    """Find ReaR in its rescue system.

    :returns: path of the program.
    :raises errors.NodeError: this is no rescue system of ReaR.
    """
    path = command.find('rear')
    if not path or not os.path.exists(
            os.path.join(paths.TOP, 'etc/rear-release')):
        raise errors.NodeError(
            'This is not a rescue system of ReaR.',
            'Boot the rescue image of the backup, or make the disks by hand '
            'and restore with boot method ssh.')
    return path


def recover(request, root, names, fill, initrd=True):
    """Run ``rear recover`` to its end.

    :param names: {disk of the layout: disk of this machine}.
    :param fill: called when the file systems are mounted below root.
    :param initrd: whether to make another initrd; that of the backup boots
        what it has booted before.
    :raises errors.NodeError: it failed, hangs, or made no boot loader; or
        what fill raises.
    """
    settings = _configure(request, root, names, initrd)
    log = paths.work(request.job, 'rear.log')
    # It is open for as long as this process lives.
    with open(os.open(paths.work(request.job, _ANSWER), os.O_RDWR),
              'w') as answer:
        run = _Run([require(), '-v', '-C', settings, 'recover'], request, log)
        try:
            while not run.listen():
                if os.path.exists(paths.work(request.job, _READY)):
                    run.answered = True
                    _answer(request, fill, answer)
                    run.heard = clock.boottime()
            run.require_end()
            if not run.answered:
                raise errors.NodeError(
                    'rear recover ended without having the disks filled.',
                    _HINT % log)
        finally:
            run.kill()


def _configure(request, root, names, initrd):
    def work(name):
        return paths.work(request.job, name)
    for name in (_READY, _ANSWER):
        atomic_file.remove(work(name))
    os.mkfifo(work(_ANSWER), 0o600)
    atomic_file.write(work('rear.mapping'), ''.join(
        '%s %s\n' % pair for pair in sorted(names.items())))
    atomic_file.write(work('rear.sh'), _SCRIPT % {
        'ready': work(_READY), 'answer': work(_ANSWER)})
    atomic_file.write(work('rear.conf'), _SETTINGS % {
        'script': work('rear.sh'), 'mapping': work('rear.mapping'),
        'disks': ' '.join(sorted(names.values())), 'root': root,
        'initrd': 'yes' if initrd else '', 'drivers': '' if initrd
        else _SAME_DRIVERS})
    return work('rear.conf')


def _answer(request, fill, pipe):
    """Fill the disks and let ReaR go on; it ends by itself otherwise."""
    said = 'failed'
    try:
        fill()
        said = 'filled'
    finally:
        atomic_file.remove(paths.work(request.job, _READY))
        pipe.write(said + '\n')
        pipe.flush()


class _Run:
    """The process, and what it says.

    :ivar heard: when it has last said something, or was let go on.
    :ivar answered: whether it was told how the filling has ended.
    """

    def __init__(self, words, request, log):
        self._request, self._log = request, log
        self._lines, self._rest = [], b''
        self.heard, self.answered = clock.boottime(), False
        self._process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd='/', env=command.environment(),
            start_new_session=False)

    def listen(self):
        """Hear for a second what it says; True when it has ended.

        :raises errors.NodeError: it has said nothing for too long.
        """
        pipe = self._process.stdout
        if select.select([pipe], [], [], 1)[0]:
            data = os.read(pipe.fileno(), 1 << 16)
            if not data:
                return True
            self.heard = clock.boottime()
            self._take(data)
        elif self._process.poll() is not None:
            # What it has left running may keep the pipe open.
            return True
        elif clock.boottime() - self.heard > SILENCE:
            raise errors.NodeError(
                'rear recover has said nothing for %d minutes; last: %s.'
                % (SILENCE // 60, self._last()), _HINT % self._log)
        return False

    def _take(self, data):
        *lines, self._rest = (self._rest + data).split(b'\n')
        with open(self._log, 'ab') as handle:
            handle.write(data)
        for line in lines:
            text = line.decode('utf-8', 'replace').strip()
            if text:
                self._lines.append(text)
                self._request.log(text)
                for begin, percent, task in _STAGES:
                    if text.lstrip().startswith(begin):
                        self._request.report(percent=percent, task=task)

    def _last(self):
        return (self._lines or ['nothing at all'])[-1][:200].rstrip('.')

    def require_end(self):
        """See that it has done all.

        :raises errors.NodeError: it has not.
        """
        try:
            status = self._process.wait(60)
        except subprocess.TimeoutExpired:  # pragma: no cover - it always ends
            status = None
        if status != 0:
            raise errors.NodeError(
                'rear recover failed: %s.' % self._reason(),
                _HINT % self._log)
        if any(_NO_LOADER in line for line in self._lines):
            raise errors.NodeError(
                'No boot loader could be installed: %s.' % self._reason(),
                'All files are on the disk: install it by hand from the '
                'rescue system, or restore again. ' + _HINT % self._log)

    def _reason(self):
        """Give the first thing that it complained of, or the last that it
        said."""
        for line in self._lines:
            found = re.match(r'(?:ERROR: |Failed to )(.+)', line)
            if found:
                return found.group(0)[:300].rstrip('.')
        return self._last()

    def kill(self):
        """End it, if it still runs, with all that it has started. What was
        told that the filling has failed ends by itself."""
        for number in (0, signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is None:
                for pid in _family(self._process.pid):
                    _signal(pid, number)
                _wait(self._process, 20 if self.answered else 5)
        self._process.wait()
        self._process.stdout.close()


def _wait(process, seconds):
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.2)


def _family(pid):
    """List a process and all that descend from it."""
    found = [pid]
    for child in syscalls.children(pid):
        found += _family(child)
    return found


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:  # pragma: no cover - it ends meanwhile
        pass
