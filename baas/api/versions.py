# SPDX-License-Identifier: Apache-2.0
"""Microversions, and the documents by which clients find the service."""
import microversion_parse
import webob
from wsme import types

from baas.api import auth
from baas.api import expose
from baas.api import faults
from baas.api import microversion
from baas.api import resource
from baas.api.strict import version_headers
from baas import errors


class MalformedVersion(errors.BaasError):
    """The microversion in the header cannot be read: 400."""
    code = 400
    faultcode = 'baas.request.malformed_version'
    title = 'Malformed microversion'
    message = f'The header {microversion.HEADER} {{reason}}.'
    hint = (f'Send {microversion.HEADER}: '
            f'{microversion.value(microversion.VERSIONS[-1])}, or no such '
            'header.')


class UnknownVersion(errors.BaasError):
    """This service does not speak that microversion: 406."""
    code = 406
    faultcode = 'baas.request.unknown_version'
    title = 'Unknown microversion'
    message = 'This service does not speak the microversion asked for.'
    hint = 'Ask for one from {oldest} to {newest}, or for latest.'

    def __init__(self, oldest, newest):
        super().__init__(oldest=oldest, newest=newest)
        self.members = {'min_version': oldest, 'max_version': newest}


class Microversions:
    """WSGI middleware: reads the header, and says in each answer, errors
    included, which version it is of."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        request = webob.Request(environ)
        version = microversion.VERSIONS[0]
        try:
            wrong = version_headers.fault(
                request.headers.get(microversion.HEADER, ''),
                auth.SERVICE_TYPE)
            if wrong:
                raise MalformedVersion(reason=wrong)
            version = microversion_parse.extract_version(
                request.headers, auth.SERVICE_TYPE,
                microversion.VERSIONS)
        except ValueError:
            response = faults.answer(UnknownVersion(
                microversion.VERSIONS[0], microversion.VERSIONS[-1]), environ)
        except MalformedVersion as error:
            response = faults.answer(error, environ)
        else:
            microversion.keep(environ, version)
            response = request.get_response(self.application)
        response.headers[microversion.HEADER] = microversion.value(version)
        response.headers.add('Vary', microversion.HEADER)
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
    oldest, newest = microversion.VERSIONS[0], microversion.VERSIONS[-1]
    return {'id': 'v1.0', 'status': 'CURRENT', 'min_version': oldest,
            'max_version': newest, 'version': newest,
            'links': [{'rel': 'self', 'href': f'{root}/v1/'},
                      {'rel': 'collection', 'href': f'{root}/'}]}
