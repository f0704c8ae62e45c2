# SPDX-License-Identifier: Apache-2.0
"""How a program is told to stop."""
import signal
import threading


def stop_event(event=None):
    """Give an event that SIGTERM or SIGINT sets, instead of killing.

    :param event: the event to be set (:class:`threading.Event`); None for a
        new one.
    """
    event = event or threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: event.set())
    return event
