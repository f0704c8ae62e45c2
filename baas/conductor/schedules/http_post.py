# SPDX-License-Identifier: Apache-2.0
"""One request to a monitor, of which nothing but the outcome is kept.

The address is a secret. The library here writes nothing down, and what it
raises is not told as it is.
"""
import http.client
import socket
import ssl
from urllib import error as url_errors
from urllib import request


class Failed(Exception):
    """A monitor was not told; a sentence without its address."""


class _Stay(request.HTTPRedirectHandler):
    """Goes nowhere else: the address would be told there."""

    def redirect_request(self, *_given):
        """See :class:`urllib.request.HTTPRedirectHandler`."""
        return None


_OPENER = request.build_opener(_Stay)


def post(url, body, seconds):
    """Send a request. Proxies are those of the environment.

    :param url: an address that :data:`baas.schedules.pings.PATTERN` allows.
    :param body: text.
    :param seconds: how long the connection, and each part of an answer, may
        take.
    :raises Failed: it was not taken with 2xx.
    """
    message = request.Request(url, data=body.encode(), method='POST', headers={
        'Content-Type': 'text/plain; charset=utf-8', 'User-Agent': 'baas'})
    try:
        with _OPENER.open(message, timeout=seconds):
            pass
    except url_errors.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:
            raise Failed(f'It answers {error.code}: it is elsewhere.')
        raise Failed(f'It answers {error.code}.')
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed(_told(getattr(error, 'reason', None) or error))


def _told(error):
    if isinstance(error, TimeoutError):
        return 'It does not answer in time.'
    if isinstance(error, ConnectionRefusedError):
        return 'The connection is refused.'
    if isinstance(error, ssl.SSLCertVerificationError):
        return 'Its certificate cannot be verified.'
    if isinstance(error, ssl.SSLError):
        return 'It does not speak TLS as it must.'
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return 'Its name is unknown.'
    return 'The connection cannot be made, or breaks.'
