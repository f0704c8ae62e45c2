# SPDX-License-Identifier: Apache-2.0
"""What a client takes for an answer."""
from webob import acceptparse

from baas import errors


class NotAcceptable(errors.BaasError):
    """The client takes none of the forms that there are: 406."""
    code = 406
    faultcode = 'baas.request.not_acceptable'
    title = 'Not Acceptable'
    message = 'The answer cannot be had in this form.'
    hint = 'Accept application/json.'


def choose(header, offers):
    """Give the form that an answer has.

    :param header: the header Accept, or None.
    :param offers: media types (list of str), the preferred one first.
    :raises NotAcceptable: none will do, or the header cannot be read.
    """
    if not (header or '').strip():
        return offers[0]
    accept = acceptparse.create_accept_header(header)
    # A charset or the like makes no other form of what is JSON anyway.
    ranges = [f'{kind.split(";")[0]};q={quality}' for kind, quality, *_more
              in accept.parsed or ()]
    found = ranges and acceptparse.AcceptValidHeader(
        ', '.join(ranges)).acceptable_offers(offers)
    if not found:
        raise NotAcceptable()
    return found[0][0]
