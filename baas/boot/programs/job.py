# SPDX-License-Identifier: Apache-2.0
"""What the programs of this package share: they work on one node of a
restore, with the configuration and the database of the service.

Job file: {"job", "epoch": the lease under which they act, "step": what the
log calls it, "restore": the job that restores, "node": inventory name,
"method": boot method, or null for that of the configuration, "boot_mode": of
the system of the backup, or null, "rescue": what the manifest says of its
rescue image, "keys": folder for the keys of the restore, "power": what
becomes of the machine}."""
import pathlib

from oslo_config import cfg

from baas.boot import base
from baas.boot import driver
from baas.boot import undo
from baas.conf import opts
from baas.db import events
from baas.db import session
from baas import program
from baas.runner import inventory


class BootJob:
    """What one program is to do.

    :ivar machine: :class:`base.Machine`.
    :ivar boot: its :class:`base.Boot`.
    :ivar undo: :class:`undo.BootUndo`.
    :ivar keys: folder of the keys of the restore (:class:`pathlib.Path`).
    """

    def __init__(self, conf, job):
        self.conf, self.job = conf, job
        self.by = (job.get('job', str), job.get('epoch', int))
        self.keys = pathlib.Path(job.get('keys', str))
        name = job.get('node', str)
        # By its inventory name and no other: this one is restored.
        self.machine = base.Machine(
            next(node for node in inventory.nodes(conf=conf)
                 if node.name == name), job.get('boot_mode', str, None))
        method = job.get('method', str, conf.boot.method)
        self.boot = driver.load(conf, method)
        self.undo = undo.BootUndo(job.get('restore', str), name, method,
                                  self.by)

    def log(self, sentence, level='info'):
        """Write a line into the log of the job."""
        events.add(self.by[0], sentence, level=level,
                   step=self.job.get('step', str),
                   node=self.machine.node.name, epoch=self.by[1])


def main(verb, work, argv=None):
    """Run a program of this package.

    :param verb: its name, that of its module.
    :param work: called with the :class:`BootJob`; returns the result (dict).
    :param argv: arguments; None means those of the process.
    :returns: exit code (int).
    """
    def configured(job, rest):
        opts.load(rest, 'baas-boot')
        session.configure(cfg.CONF)
        return work(BootJob(cfg.CONF, job))

    return program.main(
        f'baas.boot.programs.{verb}', verb, configured, argv,
        epilog='Further arguments, such as --config-file, are those of all '
               'programs of the service.')
