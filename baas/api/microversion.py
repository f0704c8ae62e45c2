# SPDX-License-Identifier: Apache-2.0
"""Which microversions there are, and which one a request is of."""
from baas.api import auth

VERSIONS = ['1.0', '1.1']
"""All microversions, oldest first; the page of the API says what each has
brought."""
HEADER = 'OpenStack-API-Version'
_KEY = 'baas.microversion'


def value(version):
    """Give what a header says of a version (str)."""
    return f'{auth.SERVICE_TYPE} {version}'


def keep(environ, version):
    """Note which version a request is of, for what lies below."""
    environ[_KEY] = str(version)


def asked(environ):
    """Give the version of a request (str); of one that did not come past the
    middleware it is the newest."""
    return environ.get(_KEY, VERSIONS[-1])


def has(environ, since):
    """Tell whether a request may know what is there since a version.

    :param environ: the WSGI environment of the request.
    :param since: str, such as ``1.1``.
    """
    return _number(asked(environ)) >= _number(since)


def _number(version):
    return [int(part) for part in version.split('.')]
