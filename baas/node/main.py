# SPDX-License-Identifier: Apache-2.0
"""The verbs, and the one line of JSON that each of them prints."""
import argparse
import importlib
import json
import os
import sys
import time
import traceback

from baas.node import background
from baas.node import errors
from baas.node import journal
from baas.node.quiesce import orders
from baas.node import request as requests

VERBS = {
    'check': 'backup.check',
    'prepare': 'backup.prepare',
    'rescue': 'rear.mkrescue',
    'precopy': 'backup.precopy',
    'arm': 'quiesce.deadman',
    'quiesce': 'quiesce.quiesce',
    'snapshot': 'snapshots.snapshot',
    'resume': 'quiesce.resume',
    'barrier': 'quiesce.barrier',
    'wait_healthy': 'quiesce.wait_healthy',
    'capture': 'backup.capture',
    'release': 'backup.release',
    'spot_check': 'backup.spot_check',
    'check_disk': 'restore.target_check',
    'recover': 'restore.recover',
    'compare': 'filelist.compare',
    'galera_position': 'restore.galera_position',
    'start_services': 'restore.service_hold',
    'sync_shared_files': 'cluster.shared_files',
    'forget_member': 'cluster.forget_member',
    'suppress_fencing': 'restore.fencing_hold',
}
"""Each verb and its module, which has a function of the verb's name."""
_ENDLESS = {'watch': 'quiesce.deadman',
            'freeze_watchdog': 'quiesce.freeze_watchdog'}
_OTHERS = ('status', 'follow', 'stop') + tuple(_ENDLESS)


def main(arguments):
    """Do one verb.

    :param arguments: words of the command line after the program's name.
    :returns: exit status (int): 0 when it is done or goes on, 1 otherwise.
    """
    os.umask(0o077)
    given = _parse(arguments)
    try:
        said = _do(given)
    except errors.NodeError as error:
        said = {'state': 'error', 'result': error.result,
                'error': {'cause': error.cause, 'hint': error.hint}}
    except Exception as error:
        traceback.print_exc()
        said = {'state': 'error', 'error': errors.unforeseen(
            given.verb, error, 'on standard error')}
    if said is not None:
        verb = given.of if given.verb in ('follow', 'stop') else given.verb
        print(json.dumps({'baas': dict(_public(said), verb=verb)}))
        sys.stdout.flush()
        return 1 if said['state'] == 'error' else 0
    return 0


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog='baas-node', description='Back up and restore this node.')
    parser.add_argument('verb', choices=sorted(VERBS) + list(_OTHERS))
    parser.add_argument('of', nargs='?', choices=sorted(VERBS),
                        help='the long verb to follow or stop')
    parser.add_argument('--job', help='id of the job')
    parser.add_argument('--epoch', type=int, help='number of the lease')
    parser.add_argument('--options', metavar='FILE',
                        help='options of the verb (JSON); - reads stdin')
    parser.add_argument('--root', help='where the restored root is mounted')
    parser.add_argument('--detach', action='store_true',
                        help='go on in the background')
    parser.add_argument('--wait', type=float, default=3.0,
                        help='how many seconds follow may take, or longer '
                             'on a node on which that is dear')
    given = parser.parse_args(arguments)
    if given.verb in ('follow', 'stop') and not given.of:
        parser.error('%s needs the verb it is about' % given.verb)
    if given.verb not in ('watch', 'status') and (
            not given.job or given.epoch is None):
        parser.error('%s needs --job and --epoch' % given.verb)
    if given.job and not _is_plain(given.job):
        parser.error('--job takes letters, digits and dashes')
    return given


def _is_plain(job):
    # It becomes a part of paths.
    return all(letter.isalnum() or letter == '-' for letter in job)


def _do(given):
    if os.geteuid() != 0:
        raise errors.NodeError('The node program needs root.',
                               'Run it as root.')
    asked = requests.Request(given.verb, given.job, given.epoch,
                             _options(given))
    if given.verb == 'status':
        print(json.dumps(journal.raw(), indent=2, sort_keys=True))
        return None
    if given.verb in _ENDLESS:
        _function(given.verb, _ENDLESS)(asked)
        return None
    # Resuming looks for itself: it does what it can with any journal.
    if given.verb != 'resume':
        journal.check_epoch(asked.job, asked.epoch,
                            given.verb in ('check', 'release'))
    if given.verb == 'follow':
        return background.follow(asked, given.of,
                                 patience(given.wait, time.process_time()))
    if given.verb == 'stop':
        return {'state': 'done',
                'result': {'stopped': background.stop(asked.job, given.of)}}
    if given.detach:
        return background.detach(asked, _function(given.verb, VERBS))
    return {'state': 'done',
            'result': _function(given.verb, VERBS)(asked)}


def patience(wait, cost):
    """Give how many seconds one look at a worker is to last.

    A node that is slow at beginning a look would do little else if it were
    looked at as often as others.

    :param wait: what was asked for (float, seconds).
    :param cost: time of the processor that it took to come here (float,
        seconds); the login before it is about as dear again.
    """
    return max(wait, min(120.0, 60 * cost))


def _function(verb, modules):
    """Import what a verb needs: to compile all modules, as is done at each
    start, takes longer than most verbs, such as a look at a worker."""
    module = importlib.import_module('baas.node.' + modules[verb])
    return getattr(module, verb)


def _options(given):
    options = {}
    if given.options == '-' and given.verb == 'barrier':
        # Orders follow on the same stream.
        options = orders.first(0)
    elif given.options == '-':
        options = json.load(sys.stdin)
    elif given.options:
        with open(given.options) as handle:
            options = json.load(handle)
    if given.root:
        options['root'] = given.root
    return options


def _public(said):
    """Leave out what only workers need to know."""
    inner = ('pid', 'start', 'group', 'options', 'verb')
    shown = {key: value for key, value in said.items() if key not in inner}
    if said['state'] == 'error' and shown.get('result') is None:
        shown.pop('result', None)
    return shown
