# SPDX-License-Identifier: Apache-2.0
"""The name that a client has for the service; links lead there."""
import re

from baas import errors

_HOST = re.compile(
    r'([A-Za-z0-9_.~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::([0-9]{1,5}))?')
_PORTS = range(1, 65536)


class InvalidHost(errors.BaasError):
    """The header Host names no host, or more than one: 400."""
    code = 400
    faultcode = 'baas.request.invalid_host'
    title = 'Invalid host'
    message = 'The header Host {reason}.'
    hint = 'Send one header Host with a name or an address, and a port.'


def layer(application, _conf):
    """Refuse what names no host before links are made of it."""
    def answer(environ, start_response):
        host = environ.get('HTTP_HOST')
        if host is None:
            if environ.get('SERVER_PROTOCOL') == 'HTTP/1.1':
                raise InvalidHost(reason='is missing')
        elif not (found := _HOST.fullmatch(host)):
            raise InvalidHost(reason='names no host, or more than one')
        elif found[2] and int(found[2]) not in _PORTS:
            raise InvalidHost(reason='names a port that is none: there are '
                                     '1 to 65535')
        return application(environ, start_response)
    return answer
