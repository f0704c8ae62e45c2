# SPDX-License-Identifier: Apache-2.0
"""A node that is no good: it lets connections in and never says a word."""
import socket
import threading


class SilentNode:
    """A port of the loopback on which somebody hangs."""

    def __init__(self):
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]
        self._visitors = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def is_visited(self):
        """True as soon as somebody has connected since :meth:`forget`."""
        return bool(self._visitors)

    def forget(self):
        """Hang up on everybody."""
        while self._visitors:
            self._visitors.pop().close()

    def close(self):
        """Stop listening."""
        # Wakes the thread that accepts, which close() alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.forget()

    def _accept(self):
        while True:
            try:
                visitor = self._listener.accept()[0]
            except OSError:
                return
            self._visitors.append(visitor)
