# SPDX-License-Identifier: Apache-2.0
"""How long clients were without an answer."""
import socket
import threading
import time

EVERY = 0.05  # seconds
_PATIENCE = 1.0
_GREETS = 0.5
# Whatever the service speaks: one of HTTP answers, others refuse it, and
# either shows that somebody is there who reads.
_REQUEST = b'OPTIONS / HTTP/1.0\r\n\r\n'


def wait_for_answers(probes, seconds):
    """Wait until all services that ever answered do so again.

    :param seconds: for how long at most.
    """
    since = time.monotonic()
    able = [one for one in probes if one.is_able()]
    while time.monotonic() < since + seconds and not all(
            one.is_answered(since) for one in able):
        time.sleep(EVERY)


class Probe:
    """Connects again and again and remembers the longest wait for an answer.

    An answer is what the service says, and not only an open port: one that
    is frozen keeps its port open. A service that said nothing in the
    beginning has only its port looked at.

    :param place: ``host:port``.
    :param every: seconds from one question to the next.
    :param patience: seconds that an answer may take.
    :param greets: seconds within which a service that speaks first does so.
    """

    def __init__(self, place, every=EVERY, patience=_PATIENCE,
                 greets=_GREETS):
        host, _, port = place.rpartition(':')
        self.place = place
        self._address = (host.strip('[]'), int(port))
        self._every, self._patience, self._greeting = every, patience, greets
        self._over = threading.Event()
        self._last = None
        self._longest = 0.0
        self._count = 0
        self._greets = self._talks = False
        self._refused = None
        self._thread = threading.Thread(
            target=self._run, name=f'probe-{place}', daemon=True)

    def start(self):
        """Begin in the background."""
        self._thread.start()

    def is_answered(self, since):
        """Tell whether there was an answer after a time.monotonic()."""
        return self._last is not None and self._last >= since

    def is_able(self):
        """Tell whether it has ever been answered."""
        return self._last is not None

    def is_at_work(self):
        """Tell whether it still asks; not, where it must not."""
        return self._thread.is_alive()

    def answers(self):
        """Give how many answers there were (int)."""
        return self._count

    def end(self):
        """Stop.

        :returns: {'client_outage': longest seconds between two answers, or
            None without any, 'answers': number}; 'refused' with a sentence
            if the place must not be probed.
        """
        now = time.monotonic()
        self._over.set()
        self._thread.join(2 * self._patience)
        found = {'client_outage': None, 'answers': self._count}
        if self._refused:
            found['refused'] = self._refused
        elif self._last is not None:
            found['client_outage'] = round(
                max(self._longest, now - self._last), 3)
        return found

    def _run(self):
        self._learn()
        while not self._over.is_set() and not self._refused:
            began = time.monotonic()
            if self._ask():
                self._hear()
            left = began + self._every - time.monotonic()
            self._over.wait(max(0.0, left))

    def _hear(self):
        now = time.monotonic()
        if self._last is not None:
            self._longest = max(self._longest, now - self._last)
        self._last = now
        self._count += 1

    def _learn(self):
        """Find out what an answer of this service is."""
        try:
            with self._connect() as talk:
                talk.settimeout(self._greeting)
                said = self._read(talk)
                if said is None:
                    talk.sendall(_REQUEST)
                    talk.settimeout(self._patience)
                    self._talks = bool(self._read(talk))
                else:
                    self._greets = bool(said)
        except OSError:
            return
        if said and said[4:5] == b'\x0a':
            self._refused = (
                f'{self.place} is a MySQL server: it would block this host '
                f'for connecting so often without a login.')

    def _ask(self):
        try:
            with self._connect() as talk:
                if self._talks:
                    talk.sendall(_REQUEST)
                if not (self._talks or self._greets):
                    return True
                said = self._read(talk)
                # A proxy whose service is quiesced says so: "503".
                return bool(said) and not (
                    said.startswith(b'HTTP/') and said[9:10] == b'5')
        except OSError:
            return False

    def _connect(self):
        return socket.create_connection(self._address, self._patience)

    @staticmethod
    def _read(talk):
        """Give what is said, b'' at the end of it, None for silence."""
        try:
            return talk.recv(256)
        except socket.timeout:
            return None
