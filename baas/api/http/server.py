# SPDX-License-Identifier: Apache-2.0
"""Serves the application over HTTP, for installations without a WSGI server
of their own.

waitress reads requests and writes answers in one thread, whatever clients
do; a worker gets a request when all of it is there and is free again when
its answer is in a buffer.
"""
import os
import resource
import socket
import threading
import time

from oslo_log import log
from waitress import adjustments
from waitress import server
from waitress import task
from waitress import wasyncore

from baas.api.http import connections
from baas import errors

LOG = log.getLogger(__name__)
GRACE = 10
"""Seconds that requests get to end when the server is to stop."""
MOST = 1000
"""Connections at the same time, and at most half of the files that the
process may open."""
_BACKLOG, _AT_ONCE = 1024, 64
# Headers carry tokens of some kilobytes; nothing else here is as long.
_HEAD = 65536


class Server:
    """An HTTP server for one address.

    :ivar bind_addr: address and port that it listens on, after
        :meth:`prepare`.
    :ivar shutdown_timeout: seconds that :meth:`stop` gives to requests.
    """

    def __init__(self, application, conf, port):
        self.bind_addr = None
        self.shutdown_timeout = GRACE
        self._application, self._conf, self._port = application, conf, port
        self._map = {}
        self._stopping, self._ended = threading.Event(), threading.Event()
        self._ended.set()

    def prepare(self):
        """Listen.

        :raises ConfigurationError: the address is taken, or not of here.
        """
        listening = _listen(self._conf.api.bind_host, self._port)
        self.bind_addr = listening.getsockname()
        dispatcher = task.ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self._conf.api.threads)
        self._listener = _Listener(
            self._application, self._map, True, listening, dispatcher,
            _adjust(self._conf), bind_socket=False,
            sockinfo=(listening.family, listening.type, listening.proto,
                      self.bind_addr))

    def serve(self):
        """Serve until :meth:`stop` is called from another thread."""
        self._ended.clear()
        try:
            while not self._stopping.is_set():
                wasyncore.poll2(1, self._map)
            self._finish()
        finally:
            self._listener.task_dispatcher.shutdown(timeout=1)
            wasyncore.close_all(self._map, ignore_all=True)
            self._ended.set()

    def stop(self):
        """Take no more requests and wait for those at work."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._listener.pull_trigger()
        self._ended.wait(self.shutdown_timeout + 5)

    def _finish(self):
        until = time.monotonic() + self.shutdown_timeout
        # What has come is read once more, so that nobody is cut off whose
        # request was there before the end.
        wasyncore.poll2(0, self._map)
        wasyncore.dispatcher.close(self._listener)
        while time.monotonic() < until:
            active = self._listener.active_channels
            for connection in list(active.values()):
                if connection.is_waiting():
                    connection.will_close = True
            if not active:
                return
            wasyncore.poll2(0.1, self._map)
        LOG.warning('%d requests were not answered within %s s',
                    len(active), self.shutdown_timeout)


class _Listener(server.TcpWSGIServer):
    """Lets everybody in: where there is no room, the connection that has
    waited longest for its client goes."""
    channel_class = connections.Connection
    _next_look = _deaf_until = 0

    def readable(self):
        """See :class:`waitress.server.BaseWSGIServer`."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + 1
            for connection in list(self.active_channels.values()):
                connection.look(now)
        return now >= self._deaf_until

    def handle_accept(self):
        """See :class:`waitress.server.BaseWSGIServer`."""
        try:
            for _time in range(_AT_ONCE):
                found = self.accept()
                if found is None:
                    return
                self._let_in(*found)
        except OSError as error:
            # No file is left, for one: who waits goes on to wait, and to ask
            # again at once would take all of a processor.
            self._deaf_until = time.monotonic() + 1
            LOG.warning('A connection cannot be accepted: %s', error)

    def _let_in(self, connection, address):
        if len(self.active_channels) >= self.adj.connection_limit:
            waiting = [one for one in self.active_channels.values()
                       if one.is_waiting()]
            if not waiting:
                connection.close()
                return
            min(waiting, key=connections.Connection.waiting_since
                ).handle_close()
        try:
            self.set_socket_options(connection)
        # It is gone already.
        except OSError:  # pragma: no cover - no error of Linux
            connection.close()
            return
        self.channel_class(self, connection, address, self.adj,
                           map=self._map).look(time.monotonic())


def build(application, conf, port=None):
    """Make the server; ``serve()`` of it blocks until ``stop()``.

    :param application: a WSGI application.
    :param port: port to listen on instead of ``[api] bind_port``; 0 for any
        free one, which ``bind_addr`` tells after ``prepare()``.
    :returns: :class:`Server`.
    """
    return Server(_logged(application), conf,
                  conf.api.bind_port if port is None else port)


def _adjust(conf):
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return adjustments.Adjustments(
        threads=conf.api.threads, ident='baas',
        server_name=conf.api.bind_host, backlog=_BACKLOG,
        connection_limit=min(MOST, files // 2),
        max_request_header_size=_HEAD,
        # waitress refuses what is as large as this.
        max_request_body_size=conf.api.max_request_body + 1,
        # oslo.middleware looks at them, if the configuration says so.
        clear_untrusted_proxy_headers=False)


def _listen(host, port):
    try:
        family, _type, _proto, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(
            address, family=family, backlog=_BACKLOG,
            dualstack_ipv6=address[0] == '::')
    except OSError as error:
        # Python adds the address once more to all but what resolving says.
        reason = (error.strerror if isinstance(error, socket.gaierror)
                  else os.strerror(error.errno))
        raise errors.ConfigurationError(
            reason=f'The service cannot listen on port {port} of {host}: '
                   f'{reason}',
            remedy='End what listens there, or change bind_host or bind_port '
                   'in [api]')


def demand_port(conf):
    """Make sure that the port can be had, before anything is made.

    :raises ConfigurationError: the address is taken, or not of here.
    """
    _listen(conf.api.bind_host, conf.api.bind_port).close()


def _logged(application):
    """Write a line of the log for each request, as other servers do."""
    def answer(environ, start_response):
        begun = time.monotonic()

        def start(status, headers, exc_info=None):
            # ascii(): what a caller writes must not look like a line.
            LOG.info('%s %s %s %s %.3fs', environ['REMOTE_ADDR'],
                     environ['REQUEST_METHOD'], ascii(environ['REQUEST_URI']),
                     status[:3], time.monotonic() - begun)
            return start_response(status, headers, exc_info)
        return application(environ, start)
    return answer
