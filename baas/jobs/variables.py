# SPDX-License-Identifier: Apache-2.0
"""The variables by which the conductor tells a playbook what to do.

Whoever runs a step gives it those that are its own here, and no others; a
playbook uses no others. No secret may be among them: they stay in the working
folder of the job.
"""
import dataclasses

NOBODY = 'nobody'
"""Stands for hosts where there is none: a pattern of Ansible may not be
empty."""
_CHECKED = {'hosts': str, 'str': str, 'path': str, 'int': int, 'bool': bool,
            'list': list, 'dict': dict}
_VERBS = ('backup/check', 'backup/prepare', 'backup/arm', 'backup/snapshot',
          'backup/capture', 'backup/release', 'restore/plan',
          'restore/rescue', 'restore/recover', 'restore/boot',
          'restore/rejoin', 'restore/check', 'restore/release',
          'spotcheck/compare')
_BOOTS = ('restore/plan', 'restore/rescue', 'restore/boot_cleanup')


@dataclasses.dataclass(frozen=True)
class Variable:
    """One variable of playbooks.

    :ivar type: ``hosts`` (names of the inventory with commas between them, or
        :data:`NOBODY`), ``str``, ``path`` (on the conductor), ``int``,
        ``bool``, ``list`` or ``dict``.
    :ivar meaning: what it is, in words.
    :ivar steps: names of the playbooks that get it, below playbooks/steps
        and without ``.yaml``; empty: all do.
    """
    type: str
    meaning: str
    steps: tuple = ()


TABLE = {
    'baas_job': Variable('str', 'id of the job'),
    'baas_epoch': Variable('int', 'number of the lease'),
    'baas_nodes': Variable('hosts', 'the nodes that the step is for'),
    'baas_folder': Variable('path', 'working folder of the job'),
    'baas_python': Variable('path', 'the Python that the service runs under'),
    'baas_config': Variable(
        'list', 'arguments that name the configuration of the service'),
    'baas_options': Variable(
        'dict', 'options of verbs, by node and name of the verb', _VERBS),
    'baas_storage_jobs': Variable(
        'dict', 'job file of the storage program, by node',
        ('backup/verify', 'backup/release', 'delete/delete',
         'verify/check', 'verify/read', 'verify/release',
         'spotcheck/sample', 'backup/prepare')),
    'baas_leftovers': Variable(
        'dict', 'job and epoch of the open journal of a dead job, by node',
        ('backup/prepare',)),
    'baas_damaged': Variable(
        'hosts', 'nodes of which a backup was found damaged',
        ('backup/prepare',)),
    'baas_stopall': Variable('bool', 'whether services are quiesced',
                             ('backup/snapshot',)),
    'baas_barrier_job': Variable('path', 'job file of the barrier',
                                 ('backup/snapshot', 'backup/release')),
    'baas_incomplete': Variable(
        'hosts', 'nodes of which something may be stored that is no backup',
        ('backup/release',)),
    'baas_peers': Variable(
        'hosts', 'the other members: all in the plan, then those that '
        'answered', ('restore/plan', 'restore/rejoin')),
    'baas_overwritten': Variable(
        'hosts', 'what is restored, and what is restored over',
        ('restore/plan',)),
    'baas_rescue_ready': Variable(
        'hosts', 'nodes whose rescue system runs already',
        ('restore/plan',)),
    'baas_rescue': Variable(
        'dict', 'connection variables of the rescue system, by node',
        ('restore/plan', 'restore/prepare', 'restore/recover',
         'restore/boot', 'restore/release')),
    'baas_boot_jobs': Variable('dict', 'job file of the boot program, by node',
                               _BOOTS),
    'baas_boot_before': Variable(
        'dict', 'job files of boot programs that may be at work, by node',
        _BOOTS),
    'baas_fencing_suppressor': Variable(
        'hosts', 'the member that keeps the cluster from fencing',
        ('restore/rescue',)),
    'baas_boot_seconds': Variable(
        'int', 'how long a node may take to boot', ('restore/boot',)),
    'baas_bootstrap_hosts': Variable(
        'hosts', 'members that start their clusters anew',
        ('restore/boot',)),
    'baas_source_member': Variable(
        'hosts', 'the member that gives shared files', ('restore/rejoin',)),
    'baas_sync_node': Variable(
        'hosts', 'the node that gets shared files', ('restore/rejoin',)),
    'baas_shared_files': Variable('list', 'globs of the shared files',
                                  ('restore/rejoin',)),
    'baas_shared_files_archive': Variable(
        'path', 'where shared files lie meanwhile', ('restore/rejoin',)),
    'baas_in_rescue': Variable(
        'hosts', 'nodes whose rescue system runs and lets us in',
        ('restore/release',)),
    'baas_on_disk': Variable(
        'hosts', 'nodes that were booted from their disk',
        ('restore/release',)),
    'baas_other_members': Variable(
        'hosts', 'the other members, whether they answered or not',
        ('restore/release',)),
}
"""All of them (dict of :class:`Variable`). One more, ``baas_host_keys``, is
how Ansible is run and no matter of a job: :mod:`baas.runner.settings`."""


def of_step(folder, step):
    """Give the variables of a step (dict of :class:`Variable`).

    :param folder: folder of its playbook, see
        :func:`baas.jobs.plans.folder`.
    """
    return {name: variable for name, variable in TABLE.items()
            if not variable.steps or f'{folder}/{step}' in variable.steps}


def fill(folder, step, values):
    """Give a step its variables.

    :param values: the values, by name.
    :returns: dict, for the playbook.
    :raises ValueError: one is unknown to the step or missing, or not of its
        type: a mistake of whoever wrote the step.
    """
    wanted = of_step(folder, step)
    wrong = sorted([*(f'{name} is unknown' for name in values
                      if name not in wanted),
                    *(f'{name} is missing' for name in wanted
                      if name not in values)])
    wrong += [f'{name} is no {variable.type}'
              for name, variable in wanted.items() if name in values
              and not isinstance(values[name], _CHECKED[variable.type])]
    if wrong:
        raise ValueError(f'Step {folder}/{step}: {", ".join(wrong)}')
    return dict(values)


def hosts(names):
    """Give names of nodes as a playbook takes them.

    :param names: list of str, or None.
    """
    return ','.join(names or ()) or NOBODY


def patterns():
    """List the variables that name hosts (sorted)."""
    return sorted(name for name, variable in TABLE.items()
                  if variable.type == 'hosts')
