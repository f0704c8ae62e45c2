# SPDX-License-Identifier: Apache-2.0
"""Commands of the node, run with a time limit and reported in a sentence."""
import os
import shutil
import subprocess
import tempfile

from baas.node import errors
from baas.node import paths

SYSTEM = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']
"""Where commands are, whatever the environment says."""
# Tools answer in English and find root's own client settings.
_ENVIRONMENT = {'LC_ALL': 'C', 'HOME': '/root'}


def environment(**more):
    """Give the environment for a command, with some variables of its own."""
    merged = dict(os.environ, **_ENVIRONMENT)
    merged.update(more)
    merged['PATH'] = ':'.join([merged.get('PATH', ''), *SYSTEM])
    return merged


def find(*names):
    """Give the path of the first of some commands that is there, or None."""
    for name in names:
        path = shutil.which(name, path=environment()['PATH'])
        if path:
            return path
    return None


def attempt(words, seconds=60, text=None, **more):
    """Run a command and tell how it went, whatever happens.

    :param words: the command (list of str).
    :param seconds: time limit; 124 is the exit status after it.
    :param text: what it reads (str) or None.
    :param more: environment variables.
    :returns: (exit status, standard output, standard error).
    """
    try:
        done = subprocess.run(
            words, input=text, stdout=subprocess.PIPE, timeout=seconds,
            stderr=subprocess.PIPE, env=environment(**more),
            stdin=None if text is not None else subprocess.DEVNULL,
            encoding='utf-8', errors='surrogateescape')
    except subprocess.TimeoutExpired:
        return 124, '', 'no answer within %d seconds' % seconds
    except OSError as error:
        return 127, '', str(error)
    return done.returncode, done.stdout, done.stderr


def run(words, hint, seconds=60, text=None, **more):
    """Run a command and give what it printed.

    :raises errors.NodeError: it did not end with 0.
    """
    status, out, stderr = attempt(words, seconds, text, **more)
    if status:
        raise errors.NodeError(
            '%s ended with %d: %s.' % (' '.join(words)[:120], status,
                                       last_line(stderr or out)), hint)
    return out


def run_uninterrupted(words, hint, seconds=60):
    """Run a command that does harm when it is killed half way.

    What ends this program does not end it: it has a session of its own, and
    what it says goes to a file in memory.

    :param seconds: how long to wait for it; it goes on after that.
    :raises errors.NodeError: it did not end with 0, or not in time.
    """
    with tempfile.TemporaryFile(dir=paths.make(paths.RUN)) as said:
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                env=environment(), start_new_session=True, cwd='/')
            status = process.wait(seconds)
        except OSError as error:
            raise errors.NodeError('%s.' % error, hint)
        except subprocess.TimeoutExpired:
            raise errors.NodeError(
                '%s has not ended within %d seconds, and goes on.'
                % (words[0], seconds), hint)
        said.seek(0)
        text = said.read().decode('utf-8', 'replace')
    if status:
        raise errors.NodeError('%s ended with %d: %s.' % (
            ' '.join(words)[:120], status, last_line(text)), hint)


def last_line(text):
    """Give the last thing a command said, short enough for a sentence."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300].rstrip('.') if lines else 'it said nothing'
