# SPDX-License-Identifier: Apache-2.0
"""What a client expects of a server beyond an answer."""
from baas import errors

_KNOWN = '100-continue'


class ExpectationFailed(errors.BaasError):
    """The client expects what the service does not know: 417."""
    code = 417
    faultcode = 'baas.request.expectation_failed'
    title = 'Expectation failed'
    message = 'The header Expect names what this service does not know.'
    hint = f'Leave the header out, or send Expect: {_KNOWN}.'


def are_met(header):
    """Tell whether all is known that a client expects.

    :param header: the header Expect, or None.
    """
    return all(word.strip(' \t').lower() in (_KNOWN, '')
               for word in (header or '').split(','))


def layer(application, _conf):
    """Refuse what expects anything else before it is worked on."""
    def answer(environ, start_response):
        if not are_met(environ.get('HTTP_EXPECT')):
            raise ExpectationFailed()
        return application(environ, start_response)
    return answer
