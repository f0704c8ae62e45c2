# SPDX-License-Identifier: Apache-2.0
"""Bodies: JSON objects that say nothing twice."""
import json

from baas import errors

JSON = 'application/json'
_LONGEST = 40


class InvalidBody(errors.BaasError):
    """The body cannot be read: 400."""
    code = 400
    faultcode = 'baas.request.invalid_body'
    title = 'Invalid body'
    message = 'The body {reason}.'
    hint = 'Send a JSON object, or no body at all.'


class UnexpectedBody(InvalidBody):
    """The call has no body: 400."""
    message = 'This call takes no body.'
    hint = 'Send the request again without its body.'


class UnsupportedMediaType(errors.BaasError):
    """The body is of another type than JSON, or encoded: 415."""
    code = 415
    faultcode = 'baas.request.unsupported_media_type'
    title = 'Unsupported media type'
    message = 'The body {reason}.'
    hint = f'Send JSON, with the header Content-Type: {JSON}.'


def members(request):
    """Give the members of the object that is the body (dict).

    :param request: a webob.Request.
    :raises InvalidBody: it is no JSON object.
    :raises UnsupportedMediaType: it is not said to be JSON, or encoded
        (RFC 9110, section 8.4).
    """
    if not request.body:
        return {}
    kind = request.content_type
    if kind.lower() != JSON:
        raise UnsupportedMediaType(reason=f'is of type {kind}' if kind else
                                   'has no type: Content-Type is missing')
    coding = request.headers.get('Content-Encoding', '').strip()
    if coding.lower() not in ('', 'identity'):
        raise UnsupportedMediaType(
            reason=f'is encoded: Content-Encoding is {coding[:_LONGEST]}',
            hint='Send it as it is, without the header Content-Encoding.')
    try:
        found = json.loads(request.body.decode(), object_pairs_hook=_object,
                           parse_constant=_refuse, parse_int=_number)
    except UnicodeDecodeError:
        raise InvalidBody(reason='is not UTF-8')
    except RecursionError:
        raise InvalidBody(reason='is nested too deep', hint=(
            'Send an object whose members have one level below them at most: '
            'no call takes more.'))
    except ValueError as error:
        raise InvalidBody(reason=f'is not JSON: {error}')
    if not isinstance(found, dict):
        raise InvalidBody(reason='is not a JSON object')
    return found


def _object(pairs):
    found = {}
    for name, value in pairs:
        if name in found:
            raise InvalidBody(reason=f'has the member '
                              f'{ascii(name[:_LONGEST])} twice',
                              hint='Send each member once.')
        found[name] = value
    return found


def _number(digits):
    # Python has a limit of its own, and tells of itself there.
    return int(digits) if len(digits) <= _LONGEST else float(digits)


def _refuse(constant):
    raise ValueError(f'{constant} is not a value')
