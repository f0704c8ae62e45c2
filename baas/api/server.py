# SPDX-License-Identifier: Apache-2.0
"""Serves the application over HTTP, for installations without a WSGI server
of their own."""
import logging
import time

from cheroot import wsgi
from oslo_log import log

LOG = log.getLogger(__name__)
GRACE = 10
"""Seconds that requests get to end when the server is to stop."""


def build(application, conf, port=None):
    """Make the server; ``start()`` of it blocks until ``stop()``.

    :param application: a WSGI application.
    :param port: port to listen on instead of ``[api] bind_port``; 0 for any
        free one, which ``bind_addr`` tells after ``prepare()``.
    :returns: cheroot.wsgi.Server.
    """
    server = wsgi.Server(
        (conf.api.bind_host, conf.api.bind_port if port is None else port),
        _logged(application), numthreads=conf.api.threads, server_name='baas',
        request_queue_size=128, timeout=60, shutdown_timeout=GRACE)
    # Headers carry tokens of some kilobytes; nothing else here is as long.
    server.max_request_header_size = 65536
    server.error_log = _log
    return server


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


def _log(message='', level=logging.INFO, traceback=False):
    LOG.log(level, message, exc_info=traceback)
