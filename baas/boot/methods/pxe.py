# SPDX-License-Identifier: Apache-2.0
"""Boot method pxe: a boot entry for the network cards of one machine, in the
folder of a TFTP server; somebody turns the machine on."""
import contextlib
import os
import pathlib

from oslo_utils import netutils

from baas.boot import base
from baas.boot.images import image_urls
from baas.node.system import atomic_file

_UNDO = 'entries'


class PxeBoot(base.Boot):
    """Writes what pxelinux and iPXE look for, and removes it as soon as the
    machine has booted from it."""
    description = ('It boots over the network, by an entry for its network '
                   'cards; somebody turns it on')
    is_manual = True

    def files(self, machine):
        """See :class:`base.Boot`."""
        return ('kernel', 'initrd')

    def problems(self, machine):
        """See :class:`base.Boot`."""
        node, top = machine.node, self.conf.boot_pxe.tftp_dir
        found = []
        if not node.macs:
            found.append(base.Problem(
                f'The inventory does not know a network card of {node.name}.',
                'Set its variable baremetal_macs to the MAC addresses that '
                'it may boot from.'))
        found += [base.Problem(
            f'{mac!r} in baremetal_macs of {node.name} is no MAC address.',
            'Write it as 52:54:00:12:34:56.')
            for mac in node.macs if not netutils.is_valid_mac(mac)]
        if not top or not os.access(top, os.W_OK | os.X_OK):
            found.append(base.Problem(
                f'[boot_pxe] tftp_dir is {top}, where the service cannot '
                f'write.', 'Set it to the root folder of the TFTP server.'))
        if found:
            return found
        return [base.Problem(
            f'There is a boot entry {path} that is not of this restore.',
            'Remove it if nobody needs it, or rename it until the restore '
            'has ended.')
            for path in self._paths(machine) if path.exists()]

    def start(self, machine, images, undo, report):
        """See :class:`base.Boot`."""
        entries = {str(path): text.format(**self._values(images))
                   for path, text in self._paths(machine).items()}
        undo.add(_UNDO, entries)
        for path, text in entries.items():
            _write(pathlib.Path(path), text, undo.job_id)
        node = machine.node
        report(f'By hand: turn {node.name} on and let it boot over the '
               f'network once, from {" or ".join(node.macs)}. The job goes on '
               f'by itself as soon as the rescue system calls back.')

    def boot_from_disk(self, machine, undo):
        """See :class:`base.Boot`."""
        self._remove(undo)

    def cleanup(self, machine, undo, power):
        """See :class:`base.Boot`."""
        self._remove(undo)

    def _paths(self, machine):
        """Map the path of each entry to its text, with gaps."""
        top, found = pathlib.Path(self.conf.boot_pxe.tftp_dir), {}
        for mac in machine.node.macs:
            dashed = mac.lower().replace(':', '-')
            found[top / 'pxelinux.cfg' / f'01-{dashed}'] = _PXELINUX
            found[top / 'ipxe' / f'{dashed}.ipxe'] = _IPXE
        return found

    def _values(self, images):
        top = pathlib.Path(self.conf.boot_pxe.tftp_dir).resolve()
        place = images.folder.resolve()
        # pxelinux.0 speaks nothing but TFTP, where paths are those below
        # the root.
        there = place.relative_to(top) if place.is_relative_to(top) \
            else images.url
        return {'there': there, 'url': images.url, 'params': images.params}

    def _remove(self, undo):
        failed = None
        for path, text in (undo.get(_UNDO) or {}).items():
            try:
                _remove_entry(pathlib.Path(path), text, undo.job_id)
            except base.BootError as error:
                failed = failed or error  # the others must go all the same
        if failed:
            raise failed
        undo.clear(_UNDO)


_PXELINUX = """\
# Written for one restore, and removed when it has booted.
DEFAULT rescue
PROMPT 0
LABEL rescue
  KERNEL {there}/kernel
  INITRD {there}/initrd
  APPEND {params}
"""
_IPXE = """\
#!ipxe
# Written for one restore, and removed when it has booted.
kernel {url}/kernel initrd=initrd {params}
initrd --name initrd {url}/initrd
boot
"""


def _temporary(path, job_id):
    return path.with_name(f'.{path.name}.{job_id}')


def _write(path, text, job_id):
    """Write a file as a whole; one that is there stays.

    :raises BootError: there is one with other content.
    """
    with image_urls.explained(path):
        with contextlib.suppress(FileExistsError):
            path.parent.mkdir()
            path.parent.chmod(0o755)  # whatever the umask
        try:
            atomic_file.create(path, text, 0o644, _temporary(path, job_id))
        except FileExistsError:
            if path.read_text(errors='replace') != text:
                raise base.BootError(
                    reason=f'There is a boot entry {path} that is not of '
                           f'this restore',
                    remedy='Remove it if nobody needs it, then restore again'
                ) from None


def _remove_entry(path, text, job_id):
    with image_urls.explained(path):
        _temporary(path, job_id).unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if path.read_text(errors='replace') == text:
                path.unlink()
