# SPDX-License-Identifier: Apache-2.0
"""Every way in which a call can fail, as the document of the API has it."""

MEANINGS = {
    400: ('BadRequest', 'The request is not as described here; or its marker '
                        'names nothing.'),
    401: ('Unauthorized', 'The request does not prove who sends it.'),
    403: ('Forbidden', 'The policy does not let its sender do this.'),
    404: ('NotFound', 'There is no such thing.'),
    406: ('NotAcceptable', 'The service does not speak that microversion, or '
                           'has no answer of that type.'),
    408: ('RequestTimeout', 'The request was not whole in time.'),
    409: ('Conflict', 'What is asked for does not fit the state of things; '
                      'or another job is at work on the target.'),
    412: ('PreconditionFailed', 'It is not what was seen any more.'),
    413: ('ContentTooLarge', 'The body is too large.'),
    414: ('UriTooLong', 'The URL is too long.'),
    415: ('UnsupportedMediaType', 'The body is not of the type JSON, or is '
                                  'encoded.'),
    417: ('ExpectationFailed', 'The header Expect names what the service does '
                               'not know.'),
    428: ('PreconditionRequired', 'The request does not say what was seen.'),
    431: ('HeadersTooLarge', 'The headers are too large.'),
    500: ('InternalError', 'The service failed.'),
    503: ('Unavailable', 'The database, or the Identity service, is away.'),
}
"""Every way to fail: its name among the components, and what it means. 405
is of no call: it is what a path answers to methods that it does not have."""
_FAULT = {
    'type': 'object',
    'properties': {
        'request_id': {'type': ['string', 'null'],
                       'description': 'Stands in the log of the service.'},
        'code': {'type': 'string', 'description': 'What went wrong; it '
                                                  'never changes.'},
        'status': {'type': 'integer'},
        'title': {'type': 'string'},
        'detail': {'type': 'string',
                   'description': 'What went wrong, one sentence.'},
        'hint': {'type': 'string',
                 'description': 'What to do, one sentence.'},
        'links': {'type': 'array', 'items': {'type': 'object'}},
        'min_version': {'type': 'string'}, 'max_version': {'type': 'string'},
    },
    'required': ['request_id', 'code', 'status', 'title', 'detail', 'hint',
                 'links'],
    'additionalProperties': False,
}
ERRORS = {
    'type': 'object', 'required': ['errors'], 'additionalProperties': False,
    'properties': {'errors': {'type': 'array', 'minItems': 1,
                              'items': _FAULT}}}
"""Schema of the answer that tells of an error."""
