# SPDX-License-Identifier: Apache-2.0
"""Arguments of a URL: ``&`` stands between them, and nothing else does."""
from urllib import parse

from webob import multidict


def read(query):
    """Read the arguments of a URL.

    :param query: as WSGI has it, and UTF-8 once it is decoded.
    :returns: webob.multidict.MultiDict.
    """
    # webob would take ";" for "&", as HTML 4 once did.
    found = multidict.MultiDict()
    for argument in filter(None, query.encode('latin-1').split(b'&')):
        name, _equals, value = (parse.unquote_to_bytes(part).decode()
                                for part in argument.replace(
                                    b'+', b' ').partition(b'='))
        found.add(name, value)
    return found
