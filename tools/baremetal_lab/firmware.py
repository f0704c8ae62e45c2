# SPDX-License-Identifier: Apache-2.0
"""What a mainboard does at a reset: start again, by what the BMC now says.

A QEMU that resets by itself boots by the order it was started with, and
would not see that a BMC has changed it meanwhile. So a reset ends it, and
this starts it anew.
"""
import pathlib
import subprocess
import sys

from baremetal_lab import daemons
from baremetal_lab import libvirt
from container_lab import running

LAB = pathlib.Path(__file__).parents[1] / 'lab-baremetal'


def start():
    """Begin to watch the machine, in a process of its own."""
    daemons.start('firmware', [sys.executable, LAB, 'firmware'])


def stop():
    """Let resets be the end of the machine."""
    daemons.stop('firmware')


def watch():
    """Start the machine again after each reset, until libvirtd ends."""
    with subprocess.Popen(libvirt.virsh('qemu-monitor-event', '--loop'),
                          stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE) as events:
        for line in events.stdout:
            print(line, end='', flush=True)
            if '"reason":"guest-reset"' in line.replace(' ', ''):
                _start_again()


def _start_again():
    try:
        running.wait_for('the end of the machine', lambda: libvirt.state()
                         in ('shut off', 'gone'), 30, 'none', 0.2)
        libvirt.power_on()
    except running.LabError as error:
        print(f'{error}', flush=True)
