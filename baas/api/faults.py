# SPDX-License-Identifier: Apache-2.0
"""Every error leaves as the same JSON; a 5xx tells nothing but where to
look."""
import http
import json
from urllib import parse

from oslo_log import log
import webob

from baas.db import session
from baas import errors

LOG = log.getLogger(__name__)
LONGEST_URL = 8192


class InvalidUrl(errors.BaasError):
    """The URL has what no URL of this service can have: 400."""
    code = 400
    faultcode = 'baas.request.invalid_url'
    title = 'Invalid URL'
    message = 'The URL {reason}.'
    hint = 'Correct the URL and send the request again.'


class UrlTooLong(errors.BaasError):
    """The URL is longer than any of this service: 414."""
    code = 414
    faultcode = 'baas.request.url_too_long'
    title = 'URL too long'
    message = f'The URL has more than {LONGEST_URL} bytes.'
    hint = 'Send fewer or shorter arguments.'


class DatabaseAway(errors.BaasError):
    """The database does not answer, or is not ready: 503."""
    code = 503
    faultcode = 'baas.database.away'
    title = 'Database away'
    message = 'The service cannot reach its history.'
    hint = 'Try again later.'


class Faults:
    """WSGI middleware: what lies below may raise or answer as it likes."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        try:
            _check_url(environ)
            response = webob.Request(environ).get_response(self.application)
            # A page, which has a policy for browsers, tells people itself.
            if (response.status_int >= 400
                    and 'Content-Security-Policy' not in response.headers):
                response = _reshape(response, environ)
        except Exception as error:
            response = answer(error, environ)
        return response(environ, start_response)


def answer(error, environ):
    """Make the response that tells of an error.

    :param error: any exception.
    :param environ: environment of the request, for its id.
    """
    if isinstance(error, webob.exc.HTTPException):
        return _reshape(error, environ)
    if session.is_away(error):
        LOG.exception('The database does not answer, or its schema is not '
                      'the one of "baas-manage db sync".')
        error = DatabaseAway()
    elif not isinstance(error, errors.BaasError):
        LOG.exception('Unexpected error')
        error = errors.BaasError()
    elif error.code == 500:
        LOG.exception('%s. %s', error.title, error.hint)
    elif error.code > 500:
        # Its cause is in surroundings, and not in the program.
        LOG.error('%s: %s %s', error.title, error, error.hint)
    response = _response(
        environ, error.code, error.faultcode, error.title, str(error),
        error.hint, **getattr(error, 'members', {}))
    response.headers.update(getattr(error, 'headers', {}))
    return response


def _reshape(foreign, environ):
    """Give an error of a library or of the router our shape, and leave its
    headers (Allow, WWW-Authenticate)."""
    status = foreign.status_int
    phrase = http.HTTPStatus(status).phrase
    response = _response(
        environ, status, f'baas.request.{_snake(phrase)}', phrase,
        *_WORDS.get(status, (f'{phrase}.', 'See the documentation of the '
                             'API at /v1/openapi.json.')))
    for name, value in foreign.headers.items():
        if not name.lower().startswith('content-'):
            response.headers.add(name, value)
    return response


_LONGEST = 40
_WORDS = {
    401: ('The request does not prove who sends it.',
          'Send a valid token or password.'),
    406: ('The answer cannot be had in this form.',
          'Accept application/json.'),
    413: ('The body is too large.',
          'Send less; see [api] max_request_body of the service.'),
}


def _response(environ, status, code, title, detail, hint, **members):
    if status >= 500:
        detail = f'{title}.' if status == 500 else f'{title}; try again later.'
        hint = 'Look for the request id in the log of the service.'
    body = {'request_id': environ.get('openstack.request_id'), 'code': code,
            'status': status, 'title': title, 'detail': detail, 'hint': hint,
            'links': [], **members}
    return webob.Response(
        body=json.dumps({'errors': [body]}).encode(), status=status,
        content_type='application/json', charset=None)


def _snake(phrase):
    return phrase.lower().replace(' ', '_').replace('-', '_')


def _check_url(environ):
    path = environ.get('PATH_INFO', '').encode('latin-1')
    query = environ.get('QUERY_STRING', '').encode('latin-1')
    if len(path) + len(query) > LONGEST_URL:
        raise UrlTooLong()
    _check_text(path, 'its path')
    for argument in query.split(b'&'):
        name = parse.unquote_to_bytes(argument.partition(b'=')[0])[:_LONGEST]
        _check_text(parse.unquote_to_bytes(argument), 'the argument '
                    + ascii(name.decode(errors='replace'))[1:-1])


def _check_text(raw, where):
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise InvalidUrl(reason=f'is not UTF-8 in {where}')
    if any(ord(letter) < 32 or letter == '\x7f' for letter in text):
        raise InvalidUrl(reason=f'has control characters in {where}')
