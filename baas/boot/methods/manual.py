# SPDX-License-Identifier: Apache-2.0
"""Boot method manual: somebody inserts the ISO and turns the machine on."""
from baas.boot import base


class ManualBoot(base.Boot):
    """The log of the job says what to do, and the job waits until it is
    done. There is nothing to put back: what is done by hand is undone by
    hand."""
    description = ('Somebody inserts the image that the log of the job names, '
                   'and turns it on')
    is_manual = True

    def files(self, machine):
        """See :class:`base.Boot`."""
        return ('iso',)

    def start(self, machine, images, undo, report):
        """See :class:`base.Boot`."""
        node = machine.node
        mode = {'uefi': ' in UEFI mode', 'bios': ' in BIOS (legacy) mode'}
        for sentence in (
                f'By hand: insert {images.address("iso")} (on the conductor '
                f'{images.path("iso")}) into {node.name} as a virtual or real '
                f'CD.',
                f'By hand: boot {node.name} from it once, not for good'
                f'{mode.get(machine.boot_mode, "")}, with a network in which '
                f'it has the address {node.address}.',
                'By hand: leave the menu of the rescue system as it is and '
                'start nothing there; the job goes on by itself as soon as '
                'the rescue system calls back. The image is of use for this '
                'restore only.'):
            report(sentence)
