# SPDX-License-Identifier: Apache-2.0
"""Asks Ansible what an inventory says, within a time."""
import json
import os
import pathlib
import stat
import subprocess
import tempfile

import ansible_runner

from baas import errors
from baas import runner
from baas.runner import inventory_files
from baas.runner import leftovers
from baas.runner import playbook
from baas.runner import settings
from baas.runner import unread

_MORE = 10  # seconds, for what ends others to end


class InventoryError(errors.ConfigurationError):
    """The inventory cannot be read."""
    code = 503
    faultcode = 'baas.inventory.unreadable'
    title = 'Inventory unreadable'


def listed(path, conf):
    """Give what ``ansible-inventory --list`` says, as it is: templates in
    variables are not resolved.

    :param path: of the inventory.
    :returns: {group: {'hosts': [names], 'children': [groups]}, '_meta':
        {'hostvars': {name: variables}}}.
    :raises InventoryError: it, or a file of it, cannot be read, or not within
        [runner] inventory_timeout; what was started for it has then been
        ended.
    """
    return told(path, conf)[0]


def told(path, conf):
    """As :func:`listed`, with what Ansible has said meanwhile.

    :returns: (what is in the inventory, words). The words may quote the
        inventory, passwords included: they are for :mod:`baas.runner.unread`.
    """
    demand(path)
    out, said, status = _asked(path, conf)
    try:
        found = json.loads(out, object_hook=_plain)
    except ValueError:
        found = None
    # Of several files Ansible passes over what it does not understand.
    if found is None or status or unread.sources(said):
        cause, hint = unread.explain(path, said)
        raise InventoryError(reason=cause, remedy=hint)
    return found, said


def _asked(path, conf):
    limit = conf.runner.inventory_timeout
    # It ends the whole group of processes, and does so without us, too.
    words = ['timeout', '-k', '5', str(limit),
             'ansible-inventory', '--list', '-i', str(path)]
    environment = {**os.environ, 'PATH': runner.search_path(),
                   **settings.environment(playbook.folder(conf), conf),
                   'ANSIBLE_FORCE_COLOR': 'False'}
    with subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment) as process:
        try:
            out, said = process.communicate(timeout=limit + _MORE)
        except subprocess.TimeoutExpired:  # pragma: no cover - a plugin flees
            # Somebody who left the group has what we read from.
            process.stdout.close()
            process.stderr.close()
            process.kill()
            raise _late(path, limit) from None
    if process.returncode in (124, 137, -9):
        raise _late(path, limit)
    return out, said.decode(errors='replace'), process.returncode


def resolved(path, hosts, conf):
    """Have Ansible resolve the templates in variables of hosts.

    :param hosts: {name: [names of variables]}.
    :returns: {name: {variable: value}}; None for a value that is not there,
        and for a host of which that is not possible.
    :raises InventoryError: no host of them could be looked at.
    """
    found, limit = {}, conf.runner.inventory_timeout

    def handle(event):
        data = event.get('event_data', {})
        res = data.get('res') or {}
        if event.get('event') == 'runner_on_ok':
            found[data['host']] = res.get('msg')
        elif event.get('event') == 'runner_on_failed':
            found[data['host']] = None  # why, it says with their values
        return False

    names = sorted({name for one in hosts.values() for name in one})
    with tempfile.TemporaryDirectory(prefix='baas-inventory-') as folder:
        ended = ansible_runner.run(
            private_data_dir=folder, module='ansible.builtin.debug',
            module_args=json.dumps({'msg': {
                name: '{{ %s | default(none) }}' % name for name in names}}),
            host_pattern=','.join(sorted(hosts)), inventory=[str(path)],
            envvars={'PATH': playbook.tethered(pathlib.Path(folder),
                                               'ansible'),
                     **settings.environment(playbook.folder(conf), conf)},
            timeout=limit, settings={'pexpect_timeout': 1}, quiet=True,
            forks=conf.runner.forks, event_handler=handle,
            status_handler=settings.forget_environment)
        leftovers.end(folder)
    if ended.status == 'timeout':
        raise _late(path, limit)
    if not found:  # pragma: no cover - Ansible itself has failed
        raise InventoryError(
            reason=f'Ansible cannot resolve the templates in the inventory '
                   f'{path}',
            remedy='Write addresses and ports of nodes as they are')
    return found


def demand(path):
    """Make sure that an inventory is there, can be read, and is nobody's who
    likes: what is in it runs as the service.

    :raises InventoryError: it is not; whether Ansible understands it is
        found out when it is needed.
    """
    if not str(path).strip():
        raise InventoryError(
            reason='[runner] inventory is empty',
            remedy='Set it to the inventory of the control plane')
    try:
        # A pipe would be waited for.
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        mode = os.stat(path).st_mode
    except OSError as error:
        raise InventoryError(
            reason=f'The inventory {path} cannot be read: {error.strerror}',
            remedy='Set [runner] inventory to the inventory of the control '
                   'plane, and make it readable for the service')
    if stat.S_ISFIFO(mode):
        raise InventoryError(
            reason=f'The inventory {path} is a pipe: it can be read once, and '
                   'each job reads it',
            remedy='Set [runner] inventory to a file, a folder or a script')
    for one in inventory_files.parts(str(path)):
        interpreter = inventory_files.lacking_interpreter(one)
        if interpreter:
            raise InventoryError(
                reason=f'The script {one} of the inventory cannot be run: '
                       f'there is no {interpreter}',
                remedy='Install what runs it, or correct its first line')
        if _is_open(one):
            raise InventoryError(
                reason=f'Everybody can write to {one}, and so have the '
                       'service do anything',
                remedy=f'Let nobody else, with "chmod o-w {one}"')


def _is_open(path):
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False  # Ansible says so, if it needs it
    return bool(mode & stat.S_IWOTH) and not (
        stat.S_ISDIR(mode) and mode & stat.S_ISVTX
        or stat.S_ISCHR(mode))


def _late(path, limit):
    return InventoryError(
        reason=f'Ansible did not read the inventory {path} within {limit} '
               'seconds',
        remedy='Look what its script or plugin waits for, e.g. with "time '
               'ansible-inventory --list"; a file that it has written before '
               'is the safer inventory, and [runner] inventory_timeout is '
               'for one that is slow')


def _plain(value):
    # What came from a plugin is marked as no template.
    return value['__ansible_unsafe'] if set(value) == {
        '__ansible_unsafe'} else value
