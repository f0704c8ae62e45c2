# SPDX-License-Identifier: Apache-2.0
"""What a boot method must be able to do."""
import abc
import dataclasses

from baas.boot import rescue_ssh
from baas import errors


class BootError(errors.BaasError):
    """A rescue system could not be booted, or not be put away."""
    code = 503
    faultcode = 'baas.boot.failed'
    title = 'Boot error'
    message = '{reason}.'
    hint = '{remedy}.'


@dataclasses.dataclass(frozen=True)
class Problem:
    """Why a machine cannot be booted: a cause and a hint, one sentence each.
    """
    cause: str
    hint: str


@dataclasses.dataclass(frozen=True)
class Machine:
    """The machine that gets the rescue system.

    :ivar node: its :class:`baas.runner.inventory.Node`.
    :ivar boot_mode: how the system of its backup boots, ``uefi`` or
        ``bios``; None when that is not known.
    """
    node: object
    boot_mode: str = None


class Boot(abc.ABC):
    """A way to get a rescue system onto a blank machine, and away again.

    The order is :meth:`problems`, :meth:`start`, then, as soon as the rescue
    system has called back, :meth:`boot_from_disk`, and at the end of the job,
    however it ends, :meth:`cleanup`. Each may be called again, by another
    process after the first one died between any two lines. So whatever is to
    be undone is written into the undo before it is done, and what is undone
    is what the undo says.

    A method that drives nothing leaves all four as they are.

    :param conf: the configuration (:class:`oslo_config.cfg.ConfigOpts`).
    """
    description = None
    """How a machine gets its rescue system, half a sentence (str)."""
    is_manual = False
    """True when somebody must first go and turn the machine on."""
    already_running = False
    """True when the rescue system is there before the job begins."""

    def __init__(self, conf):
        self.conf = conf

    @property
    def root(self):
        """Where the rescue system has mounted the disk to be restored."""
        return '/mnt/local'  # ReaR's

    def reach(self, node, folder):
        """Tell how the rescue system of a node is reached.

        :param node: :class:`baas.runner.inventory.Node`.
        :param folder: folder of the keys of this one restore, as
            :mod:`baas.boot.images.initrd_overlay` makes it.
        :returns: :class:`baas.boot.rescue_ssh.RescueSsh`.
        """
        return rescue_ssh.of_restore(node, folder)

    def files(self, machine):
        """Tell which files of the rescue image it boots.

        :returns: tuple of "kernel", "initrd" and "iso".
        :raises BootError: that cannot be known now.
        """
        return ()

    def disks(self, machine):
        """Tell which disks the machine had when somebody looked last.

        What is on them is not known, so none of them is held to be in use.

        :returns: list of disks of a machine as :mod:`baas.node.disks.matching`
            has them; None when nobody knows.
        """
        return None

    def cards(self, machine):
        """Tell which network cards the machine had when somebody looked last.

        :returns: list as :func:`baas.node.system.nics.present` has them; None
            when nobody knows.
        """
        return None

    def problems(self, machine):
        """Look for what is in the way, changing nothing.

        :param machine: :class:`Machine`.
        :returns: list of :class:`Problem`.
        """
        return []

    def start(self, machine, images, undo, report):
        """Have the machine boot the rescue system; return when it was told
        to, not when it is up.

        :param images: :class:`baas.boot.images.image_urls.Images`; None when
            there are no :meth:`files`.
        :param undo: :class:`baas.boot.undo.BootUndo`.
        :param report: called with a sentence for the log of the job.
        :raises BootError: it cannot be.
        """

    def boot_from_disk(self, machine, undo):
        """Have the machine boot from its disk from now on: the rescue system
        is in its memory and needs nothing any more.

        :raises BootError: it cannot be.
        """

    def cleanup(self, machine, undo, power):
        """Leave everything as it was before :meth:`start`, as far as the
        undo says that it was changed.

        :param power: what becomes of a machine that was turned on or
            rebooted: ``keep`` it as it is, turn it ``off``, or ``before``.
        :raises BootError: something is still pending.
        """
