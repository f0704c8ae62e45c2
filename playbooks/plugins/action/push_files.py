# SPDX-License-Identifier: Apache-2.0
"""Bring files to a node, all of them in one go."""
from __future__ import annotations

import hashlib
import io
import json
import os
import shlex
import tarfile

from ansible import errors
from ansible.plugins import action

_ARGUMENTS = {
    'src': {'type': 'path', 'required': True},
    'files': {'type': 'list', 'elements': 'str'},
    'dest': {'type': 'path', 'required': True},
    'mode': {'type': 'str', 'default': '0700'},
    'secret': {'type': 'bool', 'default': False},
    'job': {'type': 'str'},
}
_JOURNAL = 'journal.json'
_PROGRAM = 'baas-node'
# Each file is put in place in one move: who runs the old one keeps it.
_UNPACK = '''set -e
umask 077
mkdir -p {dest}
cd {dest}
new=$(mktemp -d .new.XXXXXX)
trap 'rm -rf "$new"' EXIT
tar -xpf - -C "$new" --no-same-owner
for name in {names}; do
    mkdir -p "$(dirname "$name")"
    mv -f "$new/$name" "$name"
done
'''


class ActionModule(action.ActionBase):
    """Copies what differs, with closed permissions.

    Arguments: src (folder on the conductor); files (names below it; all by
    default); dest (folder on the node); mode; secret (True: not even the
    checksums are looked at); job (id: the program is not replaced under the
    open journal of another job, which only its own version may undo).
    """

    def run(self, tmp=None, task_vars=None):
        """See :meth:`ansible.plugins.action.ActionBase.run`."""
        result = super().run(tmp, task_vars)
        _, given = self.validate_argument_spec(argument_spec=_ARGUMENTS)
        names = given['files'] or _below(given['src'])
        if not given['secret']:
            there = self._there(given, names)
            names = [name for name in names if there.get(name)
                     != _digest(os.path.join(given['src'], name))]
            if given['job'] and _PROGRAM in names and _PROGRAM in there:
                wrong = self._hindrance(given)
                if wrong:
                    return {**result, **_failed(*wrong)}
        if names:
            self._send(given, names)
        return {**result, 'changed': bool(names)}

    def _there(self, given, names):
        dest = shlex.quote(given['dest'])
        said = self._execute(f'cd {dest} 2>/dev/null || exit 0; '
                             f'sha256sum -- {shlex.join(names)} 2>/dev/null '
                             '|| true', b'')
        return {name: digest for digest, _, name in (
            line.partition('  ') for line in said.splitlines())}

    def _hindrance(self, given):
        """Say why the program may not be replaced: (cause, hint), or None."""
        program = os.path.join(given['dest'], _PROGRAM)
        journal = os.path.join(given['dest'], _JOURNAL)
        said = self._execute(f'if [ -e {shlex.quote(journal)} ]; then '
                             f'cat {shlex.quote(journal)}; fi', b'').strip()
        if not said:
            return None
        try:
            found = json.loads(said)
            job, epoch = found['job'], found['epoch']
            if found.get('closed') or job == given['job']:
                return None
        except (ValueError, TypeError, LookupError):
            return (f'The journal {journal} cannot be read, and the node '
                    'program beside it is of another version.',
                    'Start by hand what is stopped, then move the file away.')
        return (f'Job {job} has not been released on this node, and the node '
                'program that it needs for that is of another version.',
                f'Run "{program} release --job {job} --epoch {epoch}" there '
                'as root.')

    def _send(self, given, names):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode='w', dereference=True) as tar:
            for name in names:
                entry = tar.gettarinfo(os.path.join(given['src'], name), name)
                entry.mode = int(given['mode'], 8)
                with open(os.path.join(given['src'], name), 'rb') as file:
                    tar.addfile(entry, file)
        self._execute(_UNPACK.format(dest=shlex.quote(given['dest']),
                                     names=shlex.join(names)),
                      packed.getvalue())

    def _execute(self, words, data):
        # A terminal is asked for unless there is something to read. Where no
        # other user is become, Ansible goes on in the last line.
        done = self._low_level_execute_command(words.strip(),
                                               in_data=data or b'\n')
        if done['rc']:
            said = (done['stderr'] or done['stdout']).strip()
            raise errors.AnsibleActionFail(
                f'The files could not be written: {said[-300:]}')
        return done['stdout']


def _failed(cause, hint):
    """Give the result of a task that fails as a verb of the program does."""
    said = {'state': 'error', 'error': {'cause': cause, 'hint': hint}}
    return {'failed': True, 'msg': cause,
            'stdout': json.dumps({'baas': said})}


def _below(folder):
    return sorted(os.path.relpath(os.path.join(place, name), folder)
                  for place, _, names in os.walk(folder, followlinks=True)
                  for name in names)


def _digest(path):
    with open(path, 'rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()
