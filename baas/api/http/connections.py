# SPDX-License-Identifier: Apache-2.0
"""One connection to the HTTP server: how long it may take for what, and how
it is told that it has taken too long or has sent what is no request."""
import logging
import socket

from oslo_context import context
from oslo_log import log
from waitress import channel
from waitress import parser
from waitress import task
from waitress import utilities

from baas.api import faults
from baas.api.strict import expectations
from baas import errors

LOG = log.getLogger(__name__)
RECEIVE = 30
"""Seconds from the first byte of a request to its last."""
SEND = 120
"""Seconds that an answer may take until the client has it."""
IDLE = 60
"""Seconds without a request, at the begin and between two of them."""
_DRAIN = 5
_UNREAD = 65536


class RequestTimeout(errors.BaasError):
    """The request was not whole in time: 408."""
    code = 408
    faultcode = 'baas.request.timeout'
    title = 'Request timeout'
    message = f'The request was not whole within {RECEIVE} seconds.'
    hint = 'Send the request again, all of it at once.'


class Malformed(errors.BaasError):
    """What came is no request of HTTP: 400."""
    code = 400
    faultcode = 'baas.request.malformed'
    title = 'Malformed request'
    message = 'What came is not a request of HTTP/1.1.'
    hint = 'See that client and service agree on http or https.'


class HeadTooLarge(errors.BaasError):
    """The headers are longer than any that this service needs: 431."""
    code = 431
    faultcode = 'baas.request.head_too_large'
    title = 'Request header fields too large'
    message = 'The headers of the request are too large.'
    hint = 'Send fewer or shorter headers.'


class ContentTooLarge(errors.BaasError):
    """The body is larger than the configuration allows: 413."""
    code = 413
    faultcode = 'baas.request.content_too_large'
    title = 'Content too large'
    message = 'The body is too large.'
    hint = 'Send less; see [api] max_request_body of the service.'


_OURS = {400: Malformed, 408: RequestTimeout, 413: ContentTooLarge,
         417: expectations.ExpectationFailed, 431: HeadTooLarge,
         # A transfer coding that is not known; no fault of the service, to
         # be looked for in its log.
         501: Malformed}


class _TooLate(utilities.Error):
    code = 408
    reason = 'Request Timeout'


class _NotMet(utilities.Error):
    code = 417
    reason = 'Expectation Failed'


class _Refusal(task.ErrorTask):
    """Tells in the shape of all other errors what waitress refuses."""

    def execute(self):
        """See :class:`waitress.task.ErrorTask`."""
        # The thread has the context of the request before.
        environ = {'openstack.request_id': context.RequestContext().request_id}
        error = _OURS.get(self.request.error.code, errors.BaasError)()
        response = faults.answer(error, environ)
        LOG.info('%s refused %s %s', self.channel.addr[0], error.code,
                 environ['openstack.request_id'])
        self.status = response.status
        self.response_headers.extend([
            ('Content-Type', response.content_type),
            ('X-Openstack-Request-Id', environ['openstack.request_id'])])
        self.content_length = len(response.body)
        self.channel.refused = True
        self.set_close_on_finish()
        self.write(response.body)


class Parser(parser.HTTPRequestParser):
    """Refuses a head of which a proxy may see another end than we do, and
    what waits for what we do not know."""

    def received(self, data):
        """See :class:`waitress.parser.HTTPRequestParser`."""
        begun = self.headers_finished
        consumed = super().received(data)
        if self.completed and not begun:
            # waitress would wait for a body that there is not.
            self.expect_continue = False
        # Its body may never come.
        if self.headers_finished and not (begun or self.error) and not (
                expectations.are_met(self.headers.get('EXPECT'))):
            self.error, self.completed = _NotMet(''), True
        return consumed

    def parse_header(self, header_plus):
        """See :class:`waitress.parser.HTTPRequestParser`."""
        super().parse_header(header_plus)
        # waitress would not see it among others.
        if 'close' in [word.strip(' \t').lower() for word in self.headers.get(
                'CONNECTION', '').split(',')]:
            self.headers['CONNECTION'] = 'close'
            self.connection_close = True
        both = self.chunked and 'CONTENT_LENGTH' in self.headers
        # waitress takes it away where it has understood it.
        if both or 'TRANSFER_ENCODING' in self.headers:
            raise parser.ParsingError('The length is ambiguous')


class Connection(channel.HTTPChannel):
    """A connection that ends what takes too long.

    waitress counts from the last byte, so that a byte a second goes on for
    ever; this counts from the begin of each phase.
    """
    parser_class = Parser
    error_task_class = _Refusal
    refused = False
    _draining = _held = False
    _phase = None
    _since = 0

    def is_waiting(self):
        """Tell whether nothing is lost but what the client has begun."""
        return not (self.requests or self.total_outbufs_len)

    def waiting_since(self):
        """Give the time (monotonic) at which its phase was seen to begin."""
        return self._since

    def look(self, now):
        """End it if its phase takes too long.

        :param now: :func:`time.monotonic`.
        """
        phase, limit = self._now()
        if phase != self._phase:
            self._phase, self._since = phase, now
        elif now - self._since < limit:
            return
        elif phase[0] == 'receive':
            self._tell()
        else:
            self.will_close = True

    def _now(self):
        """Give the phase, and how long it may take."""
        if self._draining:
            return ('drain',), _DRAIN
        if self.total_outbufs_len:
            return ('send',), SEND
        if self.requests:  # as long as the service needs
            return ('work', self.requests[0]), float('inf')
        if self.request is not None:
            return ('receive', self.request), RECEIVE
        return ('idle',), IDLE

    def _tell(self):
        with self.requests_lock:
            late = self.request
            # It came just in time.
            if late is None or self.requests:  # pragma: no cover - a race
                return
            if not late.headers_finished:
                late.parse_header(b'GET / HTTP/1.0\r\n')
            late.error, late.completed = _TooLate(''), True
            self.request = None
            self.requests.append(late)
            self.server.add_task(self)

    def service(self):
        """See :class:`waitress.channel.HTTPChannel`."""
        # A client may send a hundred requests at once and read no answer:
        # the next one is worked on when it has read the last.
        with self.outbuf_lock:
            self._held = self.total_outbufs_len > _UNREAD
        if not self._held:
            super().service()

    def handle_write(self):
        """See :class:`waitress.channel.HTTPChannel`."""
        super().handle_write()
        with self.outbuf_lock:
            goes_on = (self._held and self.connected
                       and not self.total_outbufs_len)
            self._held = self._held and not goes_on
        if goes_on:
            self.server.add_task(self)

    def readable(self):
        """See :class:`waitress.channel.HTTPChannel`."""
        return self._draining or super().readable()

    def handle_read(self):
        """See :class:`waitress.channel.HTTPChannel`."""
        if self._draining:
            self.recv(self.adj.recv_bytes)  # closes at the end
        else:
            super().handle_read()

    def handle_close(self):
        """See :class:`waitress.channel.HTTPChannel`."""
        # To close while bytes are unread would reset the connection, and the
        # client might not see why it was refused.
        if self.refused and self.connected and not self._draining:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:  # pragma: no cover - gone at that moment
                pass
            else:
                self._draining, self.will_close = True, False
                return
        super().handle_close()

    def handle_expt(self):
        """See :class:`waitress.wasyncore.dispatcher`."""
        # HTTP has no urgent bytes. Nobody reads them, and each look for
        # something to do would find them again at once.
        self.handle_close()

    def log_info(self, message, type='info'):  # pragma: no cover - own faults
        """See :class:`waitress.wasyncore.dispatcher`."""
        LOG.log(logging.ERROR if type == 'error' else logging.DEBUG, message)
