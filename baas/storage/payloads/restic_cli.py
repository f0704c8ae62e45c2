# SPDX-License-Identifier: Apache-2.0
"""Runs restic on the conductor; the only file that knows how to. What is so
on the nodes too is in :mod:`baas.node.payloads.restic_cli`."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

from baas import errors
from baas.node.payloads import restic_cli
from baas.node.payloads import restic_watch
from baas.storage.payloads import tools

_LOCK_WAIT = 35 * 60  # seconds; the lock of a dead host counts for 30 minutes
_LOCK_PAUSE = 5  # seconds between two tries
_REMEDY = (f'Install restic {restic_cli.MINIMUM} or newer and set [payload] '
           'restic to its path')
_LOOK = 1  # seconds between two looks at one at work
_HINTS = {**restic_cli.HINTS,
          restic_cli.LOCKED: 'Wait until whoever works on the repository has '
                             'ended, then try again.'}


class ResticError(errors.BaasError):
    """restic did not do what it was asked to.

    :ivar status: its exit status; None when it did not run to its end.
    :ivar said: what it wrote on its standard error (str).
    """
    faultcode = 'baas.restic.failed'
    title = 'restic failed'
    message = 'restic {verb} failed on {repository}: {reason}.'
    hint = ('Look whether the storage is whole and has free space, and '
            'whether [payload] key_file is the key it was written with.')

    def __init__(self, verb, repository, reason, status=None, said=''):
        super().__init__(verb=verb, repository=repository, reason=reason,
                         hint=_HINTS.get(status))
        self.status, self.said = status, said


class Repository:
    """The repository of one node.

    A context manager: the credentials are at hand inside only.

    :param conf: an oslo.config ConfigOpts.
    :param storage: :class:`baas.storage.base.Storage`.
    :param key: :class:`baas.keys.MasterKey`.
    :param node: name of the node.
    :param folder: folder for what is needed inside only, such as links to
        the credentials; made, and removed again.
    """

    def __init__(self, conf, storage, key, node, folder):
        self._program = conf.payload.restic
        self._cache = pathlib.Path(conf.state_path) / 'cache' / 'restic'
        self._storage = storage
        self._password = key.node_password(node).encode()
        self._folder = pathlib.Path(folder)
        self.node = node
        self.url = storage.repository(node)

    def __enter__(self):
        self._cache.mkdir(0o700, parents=True, exist_ok=True)
        # Somebody who was killed may have left it.
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(0o700)
        for name, path in self._storage.credentials().items():
            (self._folder / name).symlink_to(os.path.abspath(path))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self._folder)

    def snapshots(self):
        """List all snapshots, as ``restic snapshots --json`` gives them."""
        return json.loads(self.run('snapshots', '--json', '--no-lock')) or []

    def check(self):
        """Make sure that everything that snapshots refer to is there."""
        # It makes a cache of its own, which must not outlive it.
        self.run('check', '--no-lock', '--cache-dir', str(self._folder))

    def walk(self, snapshot):
        """Make sure that the index has all that a snapshot refers to, and
        that its folders can be read.

        :raises ResticError: it has not, or they cannot.
        """
        self.run('stats', '--no-lock', '--mode', 'raw-data', '--cache-dir',
                 str(self._folder), snapshot)

    def dump(self, snapshot, path, consume):
        """Read one file of a snapshot.

        :param consume: called with pieces of the content (bytes).
        """
        self.run('dump', '--no-lock', snapshot, path, consume=consume)

    def change(self, *words, on_wait=lambda: None, wait=_LOCK_WAIT,
               cwd=None):
        """Run a verb that changes the repository, once nobody else does.

        A lock that was left by a process that died is removed; a living one
        is waited for.

        :param on_wait: called before each wait.
        :param wait: how long to wait at most, in seconds.
        :raises ReadOnly: it is that of another cloud.
        """
        self._storage.demand_writable()
        until = time.monotonic() + wait
        while True:
            self.run('unlock')
            try:
                return self.run(*words, cwd=cwd)
            except ResticError as error:
                if (error.status != restic_cli.LOCKED
                        or time.monotonic() > until):
                    raise
            on_wait()
            time.sleep(_LOCK_PAUSE)

    def copy(self, folder, snapshots):
        """Copy snapshots into a new repository with the same password.

        :param folder: where it is made (:class:`pathlib.Path`).
        :param snapshots: their ids.
        :returns: {id: id of the copy}.
        """
        place, origin = str(folder), ('--from-repo', self.url)
        # A lock is a file in the repository that is read.
        lock = (['--no-lock'] if self._storage.read_only
                else ['--retry-lock', '5m'])
        self.run('init', '--copy-chunker-params', *origin, into=place)
        self.run('copy', *lock, *origin, *snapshots, into=place)
        self.run('check', '--read-data', '--no-lock', into=place)
        return {snapshot['original']: snapshot['id'] for snapshot
                in json.loads(self.run('snapshots', '--json', '--no-lock',
                                       into=place))}

    def repair(self, packs, keep, on_wait=lambda: None):
        """Take what is damaged out of use: blobs of damaged packs that are
        whole are stored anew, and what is missing leaves the index, so that
        the next backup stores it again if its node still has it.

        :param packs: ids of damaged packs.
        :param keep: folder that gets a copy of each (:class:`pathlib.Path`).
        """
        if packs:
            self.change('repair', 'packs', *packs, on_wait=on_wait, cwd=keep)
        self.change('repair', 'index', on_wait=on_wait)

    def run(self, *words, consume=None, into=None, cwd=None):
        """Run one verb.

        :param words: the verb and its arguments.
        :param into: another repository that the verb is about; None for this.
        :param consume: called with pieces of the output; without it the
            output is returned.
        :param cwd: folder in which it runs; None for that of the process.
        :returns: str.
        :raises ResticError: it failed, or there is no such program.
        """
        command = [self._program, '-r', into or self.url,
                   *self._storage.restic_args(str(self._folder)), *words]
        output = []
        with tempfile.TemporaryFile() as trouble, self._secret() as secret:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, cwd=cwd,
                    stdout=subprocess.PIPE, stderr=trouble,
                    pass_fds=[secret], env=self._environment(secret))
            except OSError as error:
                raise self._error(words, f'{self._program}: '
                                         f'{error.strerror}')
            with process, _Watch(process, trouble) as watch:
                try:
                    while piece := process.stdout.read(1 << 16):
                        (consume or output.append)(piece)
                    process.wait()
                except BaseException:
                    # Else whoever is told to stop would wait for it.
                    process.terminate()
                    raise
            if watch.verdict:
                raise self._error(words, watch.verdict)
            if process.returncode:
                trouble.seek(0)
                said = trouble.read(1 << 20).decode(errors='replace')
                raise self._error(words, restic_cli.complaint(said),
                                  process.returncode, said)
        return b''.join(output).decode()

    @contextlib.contextmanager
    def _secret(self):
        # A file in memory: whoever dies leaves no password on a disk.
        descriptor = os.memfd_create('password')
        try:
            os.write(descriptor, self._password)
            yield descriptor
        finally:
            os.close(descriptor)

    def _environment(self, secret):
        password = f'/proc/self/fd/{secret}'
        return {**os.environ, **restic_cli.environment(
            password, self._cache, RESTIC_FROM_PASSWORD_FILE=password)}

    def _error(self, words, reason, *more):
        return ResticError(words[0], self.url, reason, *more)


class _Watch:
    """Ends a restic that would wait for ever, while it is entered.

    :param complaints: file that takes its standard error.
    :ivar verdict: why it was ended (str), or None.
    """

    def __init__(self, process, complaints):
        self._process, self._over = process, threading.Event()
        self._watch = restic_watch.ResticWatch(
            process.pid, complaints.fileno())
        self.verdict = None
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _look(self):
        while not self._over.wait(_LOOK):
            self.verdict = self._watch.verdict()
            if self.verdict:
                self._process.kill()
                return


def version(conf):
    """Give the version of the configured restic, e.g. ``0.18.0``.

    :raises ConfigurationError: there is none, or it is too old.
    """
    said = tools.ask(conf.payload.restic, 'version', remedy=_REMEDY)
    found = restic_cli.version_in(said)
    if found is None:
        raise errors.ConfigurationError(
            reason=f'{conf.payload.restic} does not say which restic it is: '
                   f'{said.strip()[:80]!r}', remedy=_REMEDY)
    if restic_cli.is_old(found):
        raise errors.ConfigurationError(
            reason=f'{conf.payload.restic} is too old: {said.strip()[:80]!r}',
            remedy=_REMEDY)
    return found
