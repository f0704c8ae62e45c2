# SPDX-License-Identifier: Apache-2.0
"""Microversions, and the documents by which clients find the service."""
import microversion_parse
import webob
from wsme import types

from baas.api import auth
from baas.api import expose
from baas.api import faults
from baas.api import resource
from baas import errors

VERSIONS = ['1.0']
"""All microversions, oldest first."""
HEADER = 'OpenStack-API-Version'


class MalformedVersion(errors.BaasError):
    """The microversion in the header cannot be read: 400."""
    code = 400
    faultcode = 'baas.request.malformed_version'
    title = 'Malformed microversion'
    message = f'The header {HEADER} names no version.'
    hint = (f'Send {HEADER}: {auth.SERVICE_TYPE} {VERSIONS[-1]}, or no '
            'such header.')


class UnknownVersion(errors.BaasError):
    """This service does not speak that microversion: 406."""
    code = 406
    faultcode = 'baas.request.unknown_version'
    title = 'Unknown microversion'
    message = 'This service does not speak the microversion asked for.'
    hint = f'Ask for one from {VERSIONS[0]} to {VERSIONS[-1]}, or for latest.'
    members = {'min_version': VERSIONS[0], 'max_version': VERSIONS[-1]}


class Microversions:
    """WSGI middleware: reads the header, and says in each answer, errors
    included, which version it is of."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        request = webob.Request(environ)
        version = VERSIONS[0]
        try:
            version = microversion_parse.extract_version(
                request.headers, auth.SERVICE_TYPE, VERSIONS)
        except ValueError:
            response = faults.answer(UnknownVersion(), environ)
        except TypeError:
            response = faults.answer(MalformedVersion(), environ)
        else:
            response = request.get_response(self.application)
        response.headers[HEADER] = f'{auth.SERVICE_TYPE} {version}'
        response.headers.add('Vary', HEADER)
        return response(environ, start_response)


class Version(types.Base):
    """A version of the API."""
    id = resource.field(str, 'Name of the version.')
    status = resource.field(str, 'CURRENT: the one to use.')
    min_version = resource.field(str, 'Oldest microversion spoken.')
    max_version = resource.field(str, 'Newest microversion spoken.')
    version = resource.field(str, 'Newest microversion spoken.')
    links = resource.field([resource.Link], 'Where it is.')


class Versions(types.Base):
    """All versions of the API."""
    versions = resource.field([Version], 'The versions.')


class OneVersion(types.Base):
    """One version of the API."""
    version = resource.field(Version, 'The version.')


@expose.expose(Versions, route='GET /')
def index():
    """List the versions of the API."""
    return {'versions': [_v1()]}


@expose.expose(OneVersion, route='GET /v1')
def show():
    """Show version 1 of the API."""
    return {'version': _v1()}


def _v1():
    root = resource.root()
    return {'id': 'v1.0', 'status': 'CURRENT', 'min_version': VERSIONS[0],
            'max_version': VERSIONS[-1], 'version': VERSIONS[-1],
            'links': [{'rel': 'self', 'href': f'{root}/v1/'},
                      {'rel': 'collection', 'href': f'{root}/'}]}
