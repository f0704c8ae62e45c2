# SPDX-License-Identifier: Apache-2.0
"""What every step of every kind of job has."""
import importlib
import pathlib

from baas.jobs import plans


class Step:
    """One step as the conductor sees it; it keeps nothing itself.

    :ivar handler: the :class:`baas.conductor.handler.Handler` of the job,
        which knows what several of its steps need.
    """

    def __init__(self, handler):
        self.handler = handler

    @property
    def nodes(self):
        """Names of the nodes that the step is for."""
        return self.handler.nodes

    @property
    def releases(self):
        """Names of the nodes that the step is to leave with nothing
        quiesced."""
        return ()

    def variables(self, epoch):
        """Give the variables of the playbook beside those of every step; no
        secret may be among them.

        What the step needs is made ready here.

        :param epoch: number of the lease.
        """
        return {}

    def changed(self):
        """Learn that the step has gone on; called every few seconds while it
        runs, and once before :meth:`finished`."""

    def finished(self, progress):
        """Learn from the end of the step.

        :param progress: its :class:`baas.runner.progress.Progress`; what its
            nodes have said is among the results of the handler.
        """

    def expected_db_outage(self):
        """Tell for how many seconds the step may make the service's own
        database go away."""
        return 0


def load(kind, name):
    """Give the class of a step.

    It is ``Step`` of the module that is named as the step, in the folder of
    the kind of job, or else in that of the kind whose playbooks it shares.

    :raises ModuleNotFoundError: there is none.
    """
    folders = (kind.replace('-', '_'), plans.folder(kind))
    here = pathlib.Path(__file__).parent
    folder = next((folder for folder in folders
                   if (here / folder / f'{name}.py').exists()), folders[1])
    return importlib.import_module(f'{__package__}.{folder}.{name}').Step
