# SPDX-License-Identifier: Apache-2.0
"""A restore from the medium that the machine has booted from, by somebody at
its console: it needs no service, no network and no storage."""
import argparse
import getpass
import os
import shutil
import sys

from baas.node import errors
from baas.node import paths
from baas.node import payloads
from baas.node.rear import rebuild
from baas.node import request
from baas.node.restore import recover
from baas.node.restore import target_check
from baas.node.system import atomic_file

ROOT = '/mnt/local'
_SECRETS = {'restic': 'password', 'tar': 'identity'}


def main(words, folder):
    """Restore what is on a medium.

    :param words: of the command line, without the program.
    :param folder: where its ``order.json``, ``programs`` and ``store`` are.
    :returns: exit status (int): 0 when the machine is on its disks again.
    """
    os.umask(0o077)
    given = _parse(words)
    try:
        _restore(given, folder)
    except errors.NodeError as error:
        print('error: %s\n  hint: %s' % (error.cause, error.hint),
              file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print('\nerror: The restore was broken off.\n  hint: Begin it again: '
              'it knows what it has begun to write.', file=sys.stderr)
        return 1
    return 0


def _parse(words):
    parser = argparse.ArgumentParser(
        prog='restore', allow_abbrev=False,
        description='Write the backup on this medium onto the disks of this '
                    'machine.')
    parser.add_argument('--key', metavar='FILE',
                        help='file with the key of the backup; it is asked '
                             'for otherwise')
    parser.add_argument('--rejoin', action='store_true',
                        help='throw away what the backup knows of its '
                             'cluster, for a machine whose cluster lives')
    parser.add_argument('--yes', action='store_true',
                        help='do not ask before disks are written')
    parser.add_argument('--root', default=ROOT,
                        help='where disks are mounted (%(default)s)')
    return parser.parse_args(words)


def _restore(given, folder):
    order = atomic_file.read_json(os.path.join(folder, 'order.json'))
    if order is None:
        raise errors.NodeError('There is no backup in %s.' % folder,
                               'See that the medium is whole.')
    asked = _Console(order, given, folder)
    _print('%(backup)s: %(node)s as it was at %(created)s.' % order)
    _bring(os.path.join(folder, 'programs'))
    _hand_over(asked, given.key)
    _require_key(asked)
    _announce(asked)
    if not given.yes and input('Type yes to write this: ') != 'yes':
        raise errors.NodeError('Nothing was written.',
                               'Type yes, or give --yes, to go on.')
    done = recover.recover(asked)
    _print('All %d files are as in the backup, after %d s. Take the medium '
           'out and type: reboot' % (done['files'], done['seconds']))


class _Console(request.Request):
    """A request of the verb ``recover``, whose progress is printed."""

    def __init__(self, order, given, folder):
        # Always the same job: who begins again knows what it has begun.
        super().__init__('recover', 'medium-%s' % order['backup'], 1, dict(
            order['options'], root=given.root, rejoin=given.rejoin,
            remake=True, units=[]))
        store = os.path.join(folder, 'store')
        self.node = order['node']
        self.options.update(
            store={'kind': 'folder', 'path': store},
            repository=os.path.join(store, 'restic'),
            restic_args=['--no-lock'])
        self._told = None

    def report(self, **progress):
        """See :class:`request.Request`."""
        last = self._told or {}
        now = dict(last, **progress)
        step = now.get('percent', 0) // 5
        if (now.get('task'), step) != (last.get('task'),
                                       last.get('percent', 0) // 5):
            _print('%3d %%  %s' % (now.get('percent', 0), now.get('task', '')))
        self._told = now

    def log(self, line):  # pragma: no cover - tools/test baremetal runs it
        """See :class:`request.Request`."""
        _print('       ' + line)


def _print(line):
    print(line, flush=True)


def _bring(folder):
    """Put the programs of the medium where they are looked for."""
    paths.make(paths.state('bin'))
    for name in os.listdir(folder):
        target = paths.state('bin', name)
        shutil.copyfile(os.path.join(folder, name), target)
        os.chmod(target, 0o700)


def _hand_over(asked, path):
    """Keep the key in memory for the restore, under its name."""
    if path:
        try:
            with open(path) as handle:
                key = handle.read()
        except OSError as error:
            raise errors.NodeError(
                '%s cannot be read: %s.' % (path, error.strerror),
                'Give --key the path of the file with the key, or leave it '
                'out and type the key.')
    else:  # pragma: no cover - no terminal here
        key = getpass.getpass('Key of %s: ' % asked.node)
    paths.make(paths.work(asked.job))
    atomic_file.write(paths.work(
        asked.job, _SECRETS[payloads.of(asked.options).name]),
        key.strip() + '\n')


def _require_key(asked):
    """See that the key is the right one, before a disk is written."""
    payload = payloads.of(asked.options)
    payload.require(asked)
    path = paths.work(asked.job, 'files.jsonl')
    try:
        payload.fetch_list(asked, path)
    except errors.NodeError as error:
        raise errors.NodeError(
            'The backup cannot be opened: %s' % error.cause,
            'Give the key that "baas-manage backup key %s" prints; if it is '
            'that one, the medium is damaged.'
            % asked.options['backup'])
    finally:
        atomic_file.remove(path)


def _announce(asked):
    """Say what will be written where."""
    root = asked.option('root')
    if os.path.ismount(root):
        target_check.require_blank(root, asked.job)
        _print('What is mounted at %s is filled.' % root)
    else:
        _announce_disks(asked)


def _announce_disks(asked):  # pragma: no cover - tools/test baremetal runs it
    layout = asked.options.get('layout') or {}
    chosen, alone, _ = rebuild.plan(rebuild.original(), layout.get('disks'))
    for one in chosen:
        _print('%(from)s becomes %(to)s, %(why)s. What is on it is lost.'
               % one)
    for name in alone:
        _print('%s is left alone.' % name)
