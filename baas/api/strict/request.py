# SPDX-License-Identifier: Apache-2.0
"""Requests of which nothing is read that nobody has checked."""
import webob
from webob import multidict

from baas.api.strict import queries


class Request(webob.Request):
    """A request as pecan sees it. pecan would read the body, whatever it is,
    to fill arguments by name; ours come past baas.api.expose alone."""
    json = {}
    params = multidict.MultiDict()

    @property
    def GET(self):
        """The arguments of the URL."""
        return queries.read(self.query_string)
