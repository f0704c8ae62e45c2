# SPDX-License-Identifier: Apache-2.0
"""/v1/docs: the document of the API for people, shown by redoc.

All of it comes from this package and from ``/v1/openapi.json``: the page asks
no other host for anything, and its policy for browsers would not let it.
Addresses are relative, so that it works behind any proxy and below any path.
What a page needs is known by its digest: a browser keeps it for ever and asks
for another one after an upgrade.
"""
import base64
import functools
import hashlib
from importlib import resources

import webob
from webob import exc

PATH = '/v1/docs'
NAMES = {'redoc.standalone.js': 'text/javascript',
         'page.js': 'text/javascript',
         'page.css': 'text/css'}
"""What the page needs, beside itself, and of which type it is."""
LICENCES = ('redoc.LICENSE.txt', 'redoc.standalone.js.LICENSE.txt',
            'd87bcbdbea8f8f5aa26f.worker.js.LICENSE.txt')
"""The terms of what is not ours, by the names that its code calls them."""
EMPTY = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
SCROLLBAR = "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
POLICY = '; '.join((
    "default-src 'none'",
    "script-src 'self'",
    # redoc makes two <style> of its own: an empty one, whose rules it adds by
    # script, and one for scroll bars. Their digests let in these two texts
    # and no other; a nonce would let in any, and be another each time.
    f"style-src 'self' {EMPTY} {SCROLLBAR}",
    "img-src data:",
    "connect-src 'self'",
    # The search: its index is made beside the page, by what redoc brings.
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"))
"""What a browser may do for the page: nothing with another host, no inline
script, no form, no frame around it."""
HEADERS = {
    'Content-Security-Policy': POLICY,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
}
_FOR_EVER = 'public, max-age=31536000, immutable'
_EACH_TIME = 'no-cache'


def layer(application, conf):
    """Answer requests for the page and what it needs; leave all others to
    the application, and these too where ``[api] docs`` is off."""
    if not conf.api.docs:
        return application

    def choose(environ, start_response):
        path = environ.get('PATH_INFO', '')
        found = _files().get(path)
        if found is None:
            return application(environ, start_response)
        if environ['REQUEST_METHOD'] not in ('GET', 'HEAD'):
            raise exc.HTTPMethodNotAllowed(headers={'Allow': 'GET, HEAD'})
        return found.answer()(environ, start_response)
    return choose


class _File:
    """What is served as it is."""

    def __init__(self, body, kind, kept):
        self._body, self._kind, self._kept = body, kind, kept
        self._etag = hashlib.sha256(body).hexdigest()[:32]

    def answer(self):
        """Give a response, which has no body where a browser has it."""
        response = webob.Response(
            body=self._body, content_type=self._kind, charset='utf-8',
            conditional_response=True, cache_control=self._kept)
        response.etag = self._etag
        response.headers.update(HEADERS)
        return response


@functools.cache
def _files():
    """Give all that is served, by its path."""
    return {
        PATH: _File(_page('docs/', ''), 'text/html', _EACH_TIME),
        f'{PATH}/': _File(_page('', '../'), 'text/html', _EACH_TIME),
        **{f'{PATH}/{_place(name)}': _File(_read(name), kind, _FOR_EVER)
           for name, kind in NAMES.items()},
        **{f'{PATH}/{name}': _File(_read(name), 'text/plain', _EACH_TIME)
           for name in LICENCES}}


def _page(here, above):
    """Give the page (bytes).

    :param here: what leads from its address to what it needs.
    :param above: what leads from its address to the document of the API.
    """
    text = _read('page.html').decode()
    values = {'document': f'{above}openapi.json'}
    for name in NAMES:
        word = name.replace('.', '_')
        values[word] = here + _place(name)
        values[f'{word}_integrity'] = _integrity(_read(name))
    for name, value in values.items():
        text = text.replace(f'{{{name}}}', value)
    return text.encode()


@functools.cache
def _read(name):
    return resources.files(__package__).joinpath('static', name).read_bytes()


def _place(name):
    """Give the name of a file with its digest in it."""
    stem, _dot, suffix = name.rpartition('.')
    digest = hashlib.sha256(_read(name)).hexdigest()[:16]
    return f'{stem}.{digest}.{suffix}'


def _integrity(body):
    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    return f'sha384-{digest}'
