# SPDX-License-Identifier: Apache-2.0
"""restic: where the payload is kept. The only file that knows how it is run on
a node, and what is known of it both there and on the conductor."""
import collections
import json
import os
import re
import subprocess
import tempfile
import threading

from baas.node import errors
from baas.node import paths
from baas.node.payloads import pace
from baas.node.payloads import restic_watch
from baas.node.stores import nfs
from baas.node.system import command
from baas.node.system import presence
from baas.node.system import syscalls

OLDEST = (0, 17)
"""The oldest restic that serves, here and on the conductor: it tells by its
exit status that there is no repository (10), that it is locked (11), that the
password is another one (12). Earlier ones end with 1 whatever the reason."""
MINIMUM = '%d.%d' % OLDEST
"""The same for a sentence (str)."""
NO_REPOSITORY, LOCKED, OTHER_PASSWORD = 10, 11, 12
"""These exit statuses."""
HINTS = {
    NO_REPOSITORY: 'See that the storage is there and that the path to it is '
                   'right.',
    LOCKED: 'Wait until the other job has ended, or run baas-node release.',
    OTHER_PASSWORD: 'See that the key of the service is the one of this '
                    'repository.',
}
"""What to do about them."""
_HINT = 'See that the node reaches the storage and that it has room.'
_PROBLEMS, _LONG = 20, 400  # how many, and letters


def version_in(said):
    """Find the version in what ``restic version`` says (str or None)."""
    found = re.match(r'restic (\S+)', said)
    return found and found.group(1)


def is_old(version):
    """Tell whether a version (str or None) is none that serves."""
    numbers = re.findall(r'\d+', version or '')[:2]
    return len(numbers) < 2 or tuple(int(one) for one in numbers) < OLDEST


def environment(password_file, cache, **own):
    """Give the variables of a restic command, to be put over those of this
    process: whatever else restic was told there for another use is empty,
    which restic takes for unset.

    :param password_file: path of the file with the password.
    :param cache: path of the folder for its cache.
    :param own: further variables.
    """
    other = {name: '' for name in os.environ if name.startswith('RESTIC_')}
    return dict(other, RESTIC_PASSWORD_FILE=str(password_file),
                RESTIC_CACHE_DIR=str(cache), **own)


def complaint(text):
    """Give what restic wrote to its standard error, for a sentence: it is
    one thing in several lines, and JSON now and then.

    :param text: str.
    """
    lines = []
    for line in text.splitlines():
        try:
            said = json.loads(line)
            line = said.get('message') or said['error']['message']
        except (ValueError, AttributeError, KeyError, TypeError):
            pass  # plain text
        if line.strip():
            lines.append(line.strip().rstrip('.'))
    return '; '.join(lines)[:_LONG].rstrip('.;: ') or 'it said nothing'


def binary():
    """Give the path of restic on this node."""
    return paths.state('bin', 'restic')


def version():
    """Give the version of restic (str), or None when there is none.

    :raises errors.Unknown: there is one, and it does not say.
    """
    if not os.path.exists(binary()):
        return None
    hint = 'Put a static binary of it at %s.' % binary()
    out = presence.ask([binary(), 'version'], hint, 20)
    found = version_in(out)
    if found is None:
        raise presence.unreadable([binary(), 'version'], out, hint)
    return found


def require():
    """Refuse a restic that is missing or too old; give its version.

    :raises errors.NodeError: there is none that serves.
    """
    found = version()
    if is_old(found):
        raise errors.NodeError(
            'There is %s on this node, and %s or newer is needed.'
            % ('restic ' + found if found else 'no restic', MINIMUM),
            'Put a static binary of it at %s.' % binary())
    return found


def has_credentials(job):
    """Tell whether the password of the repository was handed out."""
    return os.path.exists(paths.work(job, 'password'))


def require_credentials(job):
    """Refuse to go on without the password of the repository."""
    if not has_credentials(job):
        raise errors.NodeError(
            'The password of the repository is not on this node.',
            'Put it at %s first.' % paths.work(job, 'password'))


def _words(request, arguments):
    given = [nfs.filled(request.job, word)
             for word in request.options.get('restic_args', [])]
    return [binary()] + given + pace.words(request) + list(arguments)


def _environment(request):
    paths.make(paths.state('cache'))
    return environment(
        paths.work(request.job, 'password'), paths.state('cache'),
        RESTIC_REPOSITORY=nfs.filled(request.job,
                                     request.option('repository')),
        RESTIC_PROGRESS_FPS='2', TMPDIR=paths.state('cache'),
        **pace.variables(request))


def call(request, arguments):
    """Give the words and the environment of a restic command."""
    return (_words(request, arguments),
            command.environment(**_environment(request)))


def quick(request, arguments, seconds=300):
    """Run a short restic command: (exit status, output, errors)."""
    return command.attempt(_words(request, arguments), seconds,
                           **_environment(request))


def error(what, status, said):
    """Make the error of a restic command that ended badly.

    :param status: its exit status; below zero when it was killed, which is
        said by its complaints if at all.
    """
    told = ' (exit status %d)' % status if status >= 0 else ''
    return errors.NodeError(
        'restic could not %s%s: %s.' % (what, told, complaint(said)),
        HINTS.get(status, _HINT))


def prepare(request):
    """Open the repository, or make it when there is none.

    :returns: True when it is new.
    :raises errors.NodeError: it is neither there nor can be made.
    """
    status, _, said = quick(request, ['cat', 'config'])
    if not status:
        return False
    if status != NO_REPOSITORY:
        raise error('open the repository', status, said)
    status, _, said = quick(request, ['init'])
    if status:
        raise error('make the repository', status, said)
    return True


def tagged(request, kind, backup, or_none=False):
    """List the ids of the snapshots of a kind and a backup, oldest first.

    :param or_none: True to give [] when they cannot be listed.
    """
    status, out, said = quick(request, [
        'snapshots', '--json', '--tag', 'kind=%s,backup=%s' % (kind, backup)])
    if status and or_none:
        return []
    if status:
        raise error('list the snapshots', status, said)
    return [one['id'] for one in json.loads(out) or []]


class Run:
    """A restic command at work that tells in JSON how far it is.

    :ivar last: the last status message (dict).
    :ivar summary: the summary message (dict), or None until the end.
    :ivar problems: the first sentences it complained with.
    """

    def __init__(self, request, arguments, cwd=None, stdin=None):
        self.last = {}
        self.summary = None
        self.problems = []
        self._errors = tempfile.TemporaryFile()
        words, variables = call(request, arguments)
        self._process = subprocess.Popen(
            words, cwd=cwd,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=subprocess.PIPE, stderr=self._errors, env=variables,
            preexec_fn=syscalls.die_with_parent)
        self._watch = restic_watch.ResticWatch(
            self._process.pid, self._errors.fileno())
        # restic stops when nobody reads what it says, so somebody does
        # while this process hashes.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.receive(line)

    def receive(self, line):
        """Take in one line of what restic says (bytes)."""
        try:
            said = json.loads(line.decode('utf-8', 'replace'))
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        kind = said.get('message_type')
        if kind == 'status':
            self.last = said
        elif kind == 'summary':
            self.summary = said
        elif kind == 'error' and len(self.problems) < _PROBLEMS:
            self.problems.append('%s: %s' % (
                said.get('item', ''),
                (said.get('error') or {}).get('message', '')))

    def wait(self, seconds):
        """Wait a while; tell whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._end_if_stuck()
            return False
        self._reader.join()
        return True

    def _end_if_stuck(self):
        verdict = self._watch.verdict()
        if verdict:
            self.problems.insert(0, verdict)
            self._process.kill()

    def kill(self, patience=20):
        """End it, whatever it does.

        :param patience: seconds it may take to leave its repository in
            order; else it leaves a lock, which the release removes.
        """
        if self._process.poll() is None:
            self._process.terminate()
            if not self.wait(patience):
                self._process.kill()
                self.wait(20)

    def finish(self, what, good=(0,)):
        """Give the summary of a command that has ended well.

        :param good: exit statuses that are well enough.
        :raises errors.NodeError: it has not.
        """
        self._errors.seek(0)
        said = collections.deque(self._errors, 20)
        for line in list(said):
            self.receive(line)
        status = self._process.returncode
        if status in good and self.summary is not None:
            return self.summary
        last = b''.join(list(said)[-3:]).decode('utf-8', 'replace')
        raise error(what, status, '; '.join(self.problems[:5]) or last)


def literal(path):
    """Make an exclude pattern of restic that means one path (str).

    What restic would not take as it stands becomes ``?``.
    """
    out = ''
    for letter in path.decode('utf-8', 'surrogateescape'):
        odd = letter in '\n\r\t $' or '\udc80' <= letter <= '\udcff'
        out += '?' if odd else (
            '\\' + letter if letter in '*?[]\\' else letter)
    return out
