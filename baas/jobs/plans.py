# SPDX-License-Identifier: Apache-2.0
"""Which steps make a job: one step is one playbook, playbooks/steps/<kind>,
or that of another kind which does the same."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a plan.

    :ivar name: name of the step and of its playbook.
    :ivar minutes: how long it may take, in minutes, unless the option
        ``[runner] time_limits`` says otherwise.
    :ivar each: True when nodes succeed or fail on their own: the step goes
        on without a node that failed, and so does the job.
    :ivar undo: True when the step undoes what earlier ones began: it runs
        however the job ends, as soon as one step after the first has begun.
    """
    name: str
    minutes: int
    each: bool = False
    undo: bool = False


_RESTORE = (
    # Changes nothing on any node.
    Step('plan', 10),
    Step('rescue', 60),
    Step('prepare', 10),
    Step('recover', 12 * 60),
    Step('boot', 30),
    Step('rejoin', 60),
    Step('check', 30),
    Step('release', 15, undo=True),
    # A step of its own, for it must be done even if that fails.
    Step('boot_cleanup', 30, undo=True),
)
PLANS = {
    'backup': (
        # Changes nothing on any node.
        Step('check', 5),
        Step('prepare', 90),  # an image of a rescue system may be made
        # From here on a node resumes by itself when nobody tells it to.
        Step('arm', 5),
        # Rest, snapshot, resume, on all nodes together.
        Step('snapshot', 30),
        Step('capture', 12 * 60, each=True),
        Step('verify', 6 * 60, each=True),
        Step('release', 15, undo=True),
    ),
    'check': (
        # The same as that of a backup, and nothing after it.
        Step('check', 5),
    ),
    'restore': _RESTORE,
    # All nodes of a set together.
    'restore-set': _RESTORE,
    # The first step of either, and nothing after it.
    'restore-plan': _RESTORE[:1],
    'restore-set-plan': _RESTORE[:1],
    'delete': (
        Step('delete', 6 * 60),
    ),
    # What is stored is read back; it may take as long as it wants.
    'verify': (
        # Changes nothing: the first step of a plan is not undone.
        Step('check', 10),
        Step('read', 7 * 24 * 60, each=True),
        Step('release', 10, undo=True),
    ),
    # Some files of a backup are held against the living node.
    'spotcheck': (
        Step('sample', 60),
        Step('compare', 6 * 60),
        Step('release', 10, undo=True),
    ),
    # What is stored of all sets that a policy does not keep.
    'cleanup': (
        Step('delete', 12 * 60, each=True),
    ),
    # What is stored of all that has been in the trash for long enough.
    'purge': (
        Step('delete', 12 * 60, each=True),
    ),
    # What a restore has changed and could not put back when it ended.
    'boot-cleanup': (
        Step('boot_cleanup', 30),
    ),
}

_SHARED = {'check': 'backup', 'restore-set': 'restore',
           'restore-plan': 'restore',
           'restore-set-plan': 'restore', 'boot-cleanup': 'restore',
           'cleanup': 'delete', 'purge': 'delete'}


def folder(kind):
    """Give the folder of playbooks/steps of a kind of job: kinds that do
    the same to other nodes, or a part of the same, share one."""
    return _SHARED.get(kind, kind)


def build(kind):
    """Give the steps of a kind of job.

    :param kind: a key of :data:`PLANS`.
    :returns: tuple of :class:`Step`, in order.
    """
    return PLANS[kind]


def step(kind, name):
    """Give one step of a plan by its name.

    :raises KeyError: the plan has no such step.
    """
    for candidate in PLANS[kind]:
        if candidate.name == name:
            return candidate
    raise KeyError(name)
