# SPDX-License-Identifier: Apache-2.0
"""What Ansible is told beside the playbook, and what ansible-runner would
tell it.

ansible-runner 2.4 sets by itself, in the environment of each run:

``ANSIBLE_HOST_KEY_CHECKING=False``
    unless that name is there. It would win against ``ansible.cfg``, and ssh
    would log in anywhere: set here, and by the variables below.
``ANSIBLE_STDOUT_CALLBACK``, ``ANSIBLE_CALLBACK_PLUGINS``
    and ``AWX_ISOLATED_DATA_DIR``, ``RUNNER_OMIT_EVENTS``,
    ``RUNNER_ONLY_FAILED_EVENTS``:
    its events, of which :mod:`baas.runner.progress` is made. They are kept in
    the working folder of the step, closed to others.
``ANSIBLE_CACHE_PLUGIN=jsonfile``, ``ANSIBLE_CACHE_PLUGIN_CONNECTION``
    a cache of facts in a folder of this one run: nothing passes from one run
    to the next, and our plays gather no facts.
``ANSIBLE_RETRY_FILES_ENABLED=False``
    as in our ``ansible.cfg``.

The rest of the environment is that of the service. A variable ``ANSIBLE_...``
in there counts, unless it is one of ours: it is the operator's. The service
may get passwords by its environment (``OS_DATABASE__CONNECTION``), and
ansible-runner writes all of it to a file ``command``: see
:func:`forget_environment`. What is in ``env`` of the working folder it would
read back; that folder is new for each run, and closed to others. An inventory
that is given as a text and not there would be taken for the name of a host:
it is given as a list. Ansible gets a terminal, at which ssh might ask for
something that nobody answers: ``BatchMode`` forbids it.
"""
import contextlib
import os
import pathlib
import shlex

from baas import ssh

# With a slash, Ansible's ten letters and the seventeen that ssh adds while it
# makes one, a socket has a path of at most 107.
_LONGEST = 79


def environment(place, conf):
    """Give the environment of Ansible that differs from the service's.

    :param place: folder of the playbooks (:class:`pathlib.Path`).
    """
    sockets = _sockets(conf)
    return {
        'ANSIBLE_ROLES_PATH': str(place / 'roles'),
        'ANSIBLE_ACTION_PLUGINS': str(place / 'plugins' / 'action'),
        'ANSIBLE_CONFIG': str(place / 'ansible.cfg'),
        'ANSIBLE_HOST_KEY_CHECKING': 'True',
        'ANSIBLE_SSH_HOST_KEY_CHECKING': 'True',
        'ANSIBLE_SSH_ARGS': _arguments(conf),
        # An inventory that cannot be read is no inventory without hosts.
        'ANSIBLE_INVENTORY_UNPARSED_FAILED': 'True',
        **({'ANSIBLE_SSH_CONTROL_PATH_DIR': sockets} if sockets else {}),
    }


def variables(conf):
    """Give the extra variables of every playbook: they win against those of
    an inventory, which may say that host keys are not checked."""
    if conf.runner.host_key_checking == 'inventory':
        return {'baas_host_keys': 'inventory'}
    return {'baas_host_keys': 'always', 'ansible_host_key_checking': True,
            'ansible_ssh_host_key_checking': True,
            'ansible_ssh_args': _arguments(conf)}


def forget_environment(status, runner_config):
    """Remove the file in which ansible-runner keeps the environment.

    See the parameter ``status_handler`` of ``ansible_runner.run``.
    """
    if status['status'] == 'running':
        with contextlib.suppress(FileNotFoundError):
            (pathlib.Path(runner_config.artifact_dir) / 'command').unlink()


def _arguments(conf):
    checked = dict(ssh.CHECKED)
    if conf.runner.host_key_checking == 'inventory':
        del checked['StrictHostKeyChecking']
    shared = dict(ssh.SHARED)
    if _sockets(conf) is None:
        shared.update(ControlMaster='no', ControlPersist='no')
    return shlex.join(ssh.words({**checked, **shared}))


def _sockets(conf):
    """Give the folder of connections that stay open for a minute, or None
    when its path is too long. In the one that Ansible would choose are those
    of everybody who runs it as this user, opened with or without a look at
    the host key."""
    path = os.path.join(os.path.abspath(conf.state_path), 'ssh')
    return path if len(path) <= _LONGEST else None
