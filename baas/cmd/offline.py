# SPDX-License-Identifier: Apache-2.0
"""baas-manage restore: nodes come back with a storage and the master key,
where there is no service any more: no database, no Keystone, no message
bus."""
import logging
import os
import pathlib
import signal
import sys
import threading

from oslo_config import cfg

from baas.cmd import catalog
from baas.cmd import signals
from baas.conductor import presence
from baas.conductor import recovery
from baas.conductor import supervisor
from baas.db import backups
from baas.db import boot_undos
from baas.db import events
from baas.db import jobs
from baas.db import migration
from baas.db import session
from baas import errors
from baas.jobs import choices
from baas.jobs import states
from baas.node.system import atomic_file
from baas.requests import messaging
from baas.requests import restores
from baas.requests import submit
from baas.runner import inventory

_FOLDER = '/var/lib/baas-offline'
_LOOK = 0.5  # seconds
_PAGE = 200


def add_commands(commands):
    """Declare the command.

    :param commands: what :meth:`argparse.ArgumentParser.add_subparsers` gave.
    """
    verb = commands.add_parser(
        'restore', help='restore a node or a set with nothing but storage and '
                        'key, where there is no service any more')
    verb.add_argument('node', metavar='NODE', nargs='?',
                      help='name of the node in the inventory; not with --set')
    which = verb.add_mutually_exclusive_group()
    which.add_argument('--backup', metavar='BACKUP',
                       help='which one; without it the newest of the node')
    which.add_argument('--set', metavar='SET',
                       help='all nodes of a set, in the place of NODE')
    verb.add_argument('--plan', action='store_true',
                      help='only say what would be done')
    verb.add_argument('--undo', action='store_true',
                      help='restore nothing: only undo what an earlier call '
                           'had begun when it was killed')
    verb.add_argument('--force', action='append', default=[],
                      choices=choices.FORCE,
                      help='what is done although it may destroy something, '
                           'as in the API')
    verb.add_argument('--folder', default=_FOLDER, metavar='FOLDER',
                      help='where list of backups and log of the restore are '
                           f'kept meanwhile; {_FOLDER} by default')
    verb.set_defaults(function=restore)


def restore(conf=cfg.CONF):
    """Restore as the service would; give the exit status.

    :raises BaasError: it is refused, or the job has failed.
    """
    asked = conf.command
    if [bool(asked.node), bool(asked.set), asked.undo].count(True) != 1:
        raise errors.InvalidArgument(
            argument='NODE',
            reason='one of a node, --set and --undo has to be given, and no '
                   'two of them',
            hint='Name a node, or a set with --set.')
    _stand_alone(conf, pathlib.Path(asked.folder).absolute())
    alone = presence.Presence(conf)
    alone.lock()
    try:
        migration.upgrade()
        rows, _added, refused = catalog.bring_in(conf)
        _say(f'{len(rows)} backups are on the storage'
             + (f'; {len(refused)} manifests are refused, see "baas-manage '
                'catalog import --dry-run"' if refused else ''))
        # From here on there may be something to undo.
        stop = signals.stop_event()
        _take_up(asked.plan, stop, conf)
        if asked.undo:
            return 0
        return _carry_out(_submit(asked, conf), stop, conf)
    finally:
        alone.leave()


def _stand_alone(conf, folder):
    """Keep what the work needs in a folder of its own, and need nothing
    else."""
    own = {
        'DEFAULT': {'state_path': str(folder)},
        # By default it is found by the state folder.
        'payload': {'key_file': conf.payload.key_file},
        'conductor': {'host': 'offline'},
        'database': {'connection': f'sqlite:///{folder}/offline.sqlite',
                     'slave_connection': ''},
        # This machine is another one than the service had: no node is it.
        'targets': {'own_machine': []}}
    # The programs that playbooks run read the files anew, this one last.
    conf.set_override('config_dir', [*(conf.config_dir or ()),
                                     str(_written(folder, own))])
    for section, options in own.items():
        for name, value in options.items():
            conf.set_override(name, value, section if (
                section != 'DEFAULT') else None)
    if not conf.debug:
        # What it does is told by the log of the job.
        logging.getLogger().setLevel(logging.WARNING)
        logging.getLogger('alembic').setLevel(logging.WARNING)
    session.configure(conf)
    # Whoever is told that a job waits is here.
    messaging.deliver_to(lambda _job_id: None)


def _written(folder, own):
    """Write the options that are other ones than before; give the folder."""
    place = folder / 'conf.d'
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_file.write(place / 'offline.conf', ''.join(
            f'[{section}]\n' + ''.join(
                f'{name} = {str(value or "").replace("$", "$$")}\n'
                for name, value in options.items())
            for section, options in own.items()))
    except OSError as error:
        raise errors.ConfigurationError(
            reason=f'{error.filename or place} cannot be written: '
                   f'{error.strerror}',
            remedy='Run this as root, or name another --folder')
    return place


def _take_up(only_looks, stop, conf):
    """Undo what an earlier call had begun when it was killed, and what it
    could not put back.

    :param only_looks: True where nothing may be changed.
    :raises Conflict: there is something nevertheless.
    """
    left = jobs.by_owner(conf.conductor.host)
    begun = [job for job in left if not job.kind.endswith('-plan')]
    if only_looks and begun:
        raise errors.Conflict(
            reason=f'Job {begun[0].id} was ended on its way, and has to be '
                   'undone first',
            remedy='Run "baas-manage restore --undo" with the same --folder')
    for job in left:
        _say(f'job {job.id}, which was ended on its way, is undone')
        recovery.take_over(job, conf)
    for id in jobs.queued():
        submit.cancel(id)
    for undo in [] if only_looks else boot_undos.due(0):
        _say(f'what job {undo.job_id} has changed to boot {undo.node} is put '
             'back')
        supervisor.run(submit.boot_cleanup(undo, conf=conf).id, stop, conf)


def _submit(asked, conf):
    more = {'plan': asked.plan, 'force': asked.force, 'conf': conf}
    try:
        if asked.set:
            return restores.restore_set(asked.set, **more)
        id = asked.backup or backups.last({
            'node': inventory.find(asked.node, conf).name,
            'status': states.AVAILABLE}).id
        return restores.restore(id, asked.node, **more)
    except errors.NotFound as error:
        raise errors.Conflict(
            reason=str(error).rstrip('.'),
            remedy='See which nodes there are with "baas-manage inventory '
                   'check", and which backups with "baas-manage catalog '
                   'import --dry-run" of an empty database')


def _carry_out(job, stop, conf):
    """Do a job and print its log; give 0 when it is done."""
    worker = threading.Thread(target=supervisor.run,
                              args=(job.id, stop, conf), name='job')
    worker.start()
    try:
        _follow(job.id, worker)
    finally:
        # Nobody may have the lock while it works, whatever became of the
        # one who reads.
        worker.join()
    job = jobs.get(job.id)
    for undo in boot_undos.due(0):
        _say(f'what was changed to boot {undo.node} could not be put back; '
             'the next call tries again')
    if job.state != states.DONE and stop.is_set():
        _say('interrupted: what was undone is told above, and answers that '
             'had not come yet say nothing')
        return 128 + signal.SIGINT
    if job.state != states.DONE:
        where = ': '.join(filter(None, (job.error_step, job.error_node)))
        raise errors.Conflict(
            reason=(f'{where}: ' if where else '') + (
                job.error_cause or f'The job has ended as {job.state}.'
            ).rstrip('.'),
            remedy=(job.error_hint or 'Read what it has said above'
                    ).rstrip('.'))
    bad = _print_plan(job.plan) if job.plan else 0
    _say('done')
    return bad


def _follow(job_id, worker):
    seen = None
    while worker.is_alive():
        worker.join(_LOOK)
        seen = _print_events(job_id, seen)
    _print_events(job_id, seen)


def _print_plan(plan):
    """Print what a restore would do; give 1 where it would fail."""
    for line in plan['summary']:
        _say(line)
    for one in plan['problems']:
        _say(f'problem: {one["node"]}: {one["cause"]} {one["hint"] or ""}')
    return 1 if plan['problems'] else 0


def _print_events(job_id, seen):
    for line in events.page(job_id, limit=_PAGE, marker=seen):
        _say(': '.join(filter(None, (line.step, line.node, line.message))))
        seen = line.id
    return seen


def _say(words):
    try:
        print(words, flush=True)
    except BrokenPipeError:
        # Who reads has read enough; what is begun goes on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
