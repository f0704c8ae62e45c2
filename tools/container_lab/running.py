"""Run commands, tell progress, and say in one sentence what went wrong."""

import concurrent.futures
import subprocess
import sys
import time

_began = time.monotonic()
# systemd-nspawn says this last, whatever went wrong, on a host whose /run is no tmpfs.
_NOISE = 'Attempted to remove disk file system'


class LabError(Exception):
    """What is wrong, and a hint that says what to do about it."""

    def __init__(self, wrong, hint):
        super().__init__(wrong)
        self.hint = hint


def progress(text):
    """Print one line with the seconds since the command began."""
    print(f'[{time.monotonic() - _began:6.1f}s] {text}', file=sys.stderr, flush=True)


def run(*command, text=None, env=None, hint=None):
    """Run a command, return what it printed, fail with its last words."""
    words = [str(word) for word in command]
    done = subprocess.run(words, input=text, env=env, stdin=None if text else subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).strip().splitlines() if _NOISE not in line]
        last = said[-1] if said else 'it said nothing'
        raise LabError(f'{" ".join(words)[:160]} ended with {done.returncode}: {last}',
                       hint or 'run that command by hand to see all it says')
    return done.stdout


def works(*command):
    """Tell whether a command ends with 0."""
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def at_once(*calls):
    """Call functions at once; the first that fails fails all of them, when all have ended."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        for future in [pool.submit(call) for call in calls]:
            future.result()


def wait_for(what, check, seconds, hint, pause=0.3):
    """Call check until it returns something true; fail after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise LabError(f'{what} did not happen within {seconds} seconds', hint)
        time.sleep(pause)
