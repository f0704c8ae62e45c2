# SPDX-License-Identifier: Apache-2.0
"""Whether the host's processor can run the machine itself.

Some hosts offer /dev/kvm, and a guest hangs there as soon as it starts its
kernel. So the very kernel of the machine is started once: without a disk
its end is a panic, which is the proof that it came so far.
"""
import pathlib
import subprocess

from baremetal_lab import image
from baremetal_lab import places
from baremetal_lab import qemu
from container_lab import running

SECONDS = 15
_ANSWER = places.STATE / 'kvm'  # of this boot of the host and this kernel


def works():
    """Tell whether KVM works here; asked once a boot of the host."""
    if not pathlib.Path('/dev/kvm').exists():
        return False
    question = (pathlib.Path('/proc/sys/kernel/random/boot_id').read_text()
                + image.digest())
    known = _ANSWER.read_text() if _ANSWER.exists() else ''
    if not known.startswith(question):
        known = f'{question} {"yes" if _starts() else "no"}'
        _ANSWER.write_text(known)
    return known.endswith('yes')


def _starts():
    running.progress('does KVM work here?')
    command = [qemu.WRAPPER, '-accel', 'kvm', '-cpu', 'host', '-nodefaults',
               '-display', 'none', '-serial', 'stdio', '-no-reboot',
               '-m', '256', '-kernel', image.kernel(),
               '-append', 'console=ttyS0 panic=-1']
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return b'Kernel panic' in done.stdout
