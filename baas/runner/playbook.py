# SPDX-License-Identifier: Apache-2.0
"""Runs the playbook of one step, and tells what happens while it runs."""
import pathlib
import shutil
import sysconfig

import ansible_runner
from oslo_config import cfg
from oslo_log import log

from baas import errors
from baas import runner
from baas.runner import progress
from baas.runner import settings
from baas.runner import unread

LOG = log.getLogger(__name__)
_TETHERED = '''#!/bin/sh
exec setpriv --pdeathsig TERM {} "$@"
'''


def folder(conf=cfg.CONF):
    """Give the folder of the playbooks.

    :returns: the configured one, that of a checkout, or the installed one
        (:class:`pathlib.Path`).
    :raises ConfigurationError: there is none.
    """
    checkout = pathlib.Path(__file__).resolve().parents[2] / 'playbooks'
    installed = pathlib.Path(sysconfig.get_path('data'),
                             'share', 'baas', 'playbooks')
    for place in (conf.runner.playbooks_dir, checkout, installed):
        if place and (pathlib.Path(place) / 'steps').is_dir():
            return pathlib.Path(place)
    raise errors.ConfigurationError(
        reason=f'There are no playbooks in {installed}',
        remedy='Set [runner] playbooks_dir to the folder that has "steps"')


def run(kind, step, variables, *, work, minutes, on_change, stop,
        conf=cfg.CONF):
    """Run the playbook of a step to its end.

    :param kind: the folder of the playbook.
    :param step: name of the step, the name of the playbook.
    :param variables: extra variables; no secret may be among them, for they
        stay in the working folder.
    :param work: working folder of this run (:class:`pathlib.Path`).
    :param minutes: time limit.
    :param on_change: called with the :class:`progress.Progress` after each
        event; what it raises is logged and otherwise ignored.
    :param stop: called about once a second; True ends the run.
    :returns: the :class:`progress.Progress`, with ``status`` set to
        successful, failed, canceled or timeout.
    """
    seen = progress.Progress()

    def handle(event):
        # An exception that leaves the handler would end the run without
        # anybody undoing what it did.
        try:
            if seen.see(event):
                on_change(seen)
        except Exception:
            LOG.exception('Progress of step %s could not be written', step)
        return True

    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    ended = ansible_runner.run(
        **_given(kind, step, variables, work, conf),
        timeout=int(minutes * 60), event_handler=handle,
        cancel_callback=stop, status_handler=settings.forget_environment)
    seen.status = ended.status
    if ended.status == 'failed' and not seen.failures:
        seen.trouble = _tail(ended, conf.runner.inventory)
    return seen


def _given(kind, step, variables, work, conf):
    """Give what ansible-runner is told of a step, whatever happens then."""
    place = folder(conf)
    return {
        'private_data_dir': str(work), 'quiet': True,
        'playbook': str(place / 'steps' / kind / f'{step}.yaml'),
        'inventory': [str(conf.runner.inventory)],
        'extravars': {**variables, **settings.variables(conf)},
        'envvars': {**settings.environment(place, conf),
                    'PATH': tethered(work, 'ansible-playbook'),
                    'ANSIBLE_LOCAL_TEMP': str(work / 'tmp')},
        'forks': conf.runner.forks,
        'settings': {'suppress_ansible_output': True, 'idle_timeout': None,
                     'pexpect_timeout': 1}}


def tethered(work, program):
    """Make a program of Ansible that ends with who started it.

    By itself it would wait for ever for its workers, which the end of its
    terminal has killed.

    :param work: folder in which it is made (:class:`pathlib.Path`).
    :param program: its name.
    :returns: the PATH in which it is found.
    """
    path = work / 'bin' / program
    path.parent.mkdir(exist_ok=True)
    path.write_text(_TETHERED.format(
        shutil.which(program, path=runner.search_path())))
    path.chmod(0o700)
    return f'{path.parent}:{runner.search_path()}'


def _tail(ended, path):
    """Give the last words of a run that failed before any task did; where
    they are about the inventory, which they quote, others."""
    try:
        with ended.stdout as said:
            words = said.read().strip()
    except (OSError, AttributeError):  # pragma: no cover - Ansible was killed
        words = ''
    if unread.is_told(words):
        return '{}. {}.'.format(*unread.explain(path, words))
    return words[-500:] or 'Ansible ended without a word'
