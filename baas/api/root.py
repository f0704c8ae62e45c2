# SPDX-License-Identifier: Apache-2.0
"""Every route of the API, and the way from a path to its function."""
import functools
import importlib
import pkgutil

from baas.api.docs import complete
from baas.api import expose
from baas.api import microversion
from baas.api import openapi
from baas.api import resource
from baas.api import types
from baas.api import v1
from baas.api import versions
from baas import errors


@expose.expose(types.anything, route='GET /v1/openapi.json')
def describe():
    """Describe the API, as OpenAPI 3.1."""
    return {**document(), 'servers': [{'url': resource.root()}]}


@functools.cache
def document():
    """Give the document of the API (dict), the same for all who ask; where
    the service is comes from the request."""
    return complete.complete(
        openapi.document(ROUTES, microversion.VERSIONS[-1]), ROUTES)


def functions():
    """Give every exposed function: a module of v1 is a noun."""
    yield from (versions.index, versions.show, describe)
    for found in pkgutil.walk_packages(v1.__path__, f'{v1.__name__}.'):
        for one in vars(importlib.import_module(found.name)).values():
            if isinstance(getattr(one, 'call', None), expose.Call):
                yield one


def _routes():
    routes = {}
    for function in functions():
        call = function.call
        routes.setdefault(call.path, {})[call.method] = function
    return routes


ROUTES = _routes()
"""Every function by its path and its method, as each says beside itself; the
table to read is that of the rules, which is made of it. pecan's own way
through attributes of objects is not taken: a table cannot be led astray by
what a caller writes in a path."""


class UnknownPath(errors.BaasError):
    """No call has this path: 404."""
    code = 404
    faultcode = 'baas.request.unknown_path'
    title = 'Unknown path'
    message = 'Nothing is at this path.'
    hint = 'See /v1/openapi.json for what there is.'


class NewerPath(errors.BaasError):
    """A later microversion than that of the request has the path: 404."""
    code = 404
    faultcode = 'baas.request.newer_path'
    title = 'Path of a newer microversion'
    message = 'Nothing is at this path before microversion {since}.'
    hint = ('Send the header "OpenStack-API-Version: control-plane-backup '
            '{since}", or have the client do so with --os-baas-api-version '
            '{since}.')


class MethodNotAllowed(errors.BaasError):
    """The path has no such method: 405, with what it has."""
    code = 405
    faultcode = 'baas.request.method_not_allowed'
    title = 'Method not allowed'
    message = 'This path does not take {method}.'
    hint = 'It takes {allow}.'

    def __init__(self, **values):
        super().__init__(**values)
        self.headers = {'Allow': values['allow']}


def find(request):
    """Find the function of a request and leave it its arguments.

    :param request: a webob.Request; its ``urlvars`` become the arguments
        that are in the path.
    :returns: what :func:`baas.api.expose.expose` made.
    :raises UnknownPath: there is no such path.
    :raises NewerPath: there is, for later microversions.
    :raises MethodNotAllowed: it has no such method.
    """
    path = request.path_info.split('/')[1:]
    if path[-1:] == ['']:  # a slash at the end makes no difference
        path = path[:-1]
    newer = []
    for shape in _SHAPES:
        given = _match(shape, path)
        if given is None:
            continue
        methods = {
            method: found for method, found in _METHODS[shape].items()
            if microversion.has(request.environ, found[1].call.since)}
        if not methods:
            newer += [found[1].call.since
                      for found in _METHODS[shape].values()]
            continue
        method = 'GET' if request.method == 'HEAD' else request.method
        fit = _fitting(methods, given)
        if method not in methods or fit and method not in fit:
            raise MethodNotAllowed(
                method=request.method, allow=_allow(fit or methods))
        names, function = methods[method]
        request.urlvars = dict(zip(names, given))
        return function
    if newer:
        raise NewerPath(since=newer[0])
    raise UnknownPath()


def _allow(methods):
    return ', '.join(sorted([*methods, *['HEAD'] * ('GET' in methods)]))


def _fitting(methods, given):
    """Give the methods that take what the path has: a target takes POST and
    an id takes GET and DELETE, at paths of one shape."""
    return [method for method, (names, function) in methods.items()
            if all(_fits(function, name, word)
                   for name, word in zip(names, given))]


def _fits(function, name, word):
    datatype = function.call.definition.get_arg(name).datatype
    try:
        datatype.frombasetype(word)
    except ValueError:
        return False
    return True


def _match(shape, path):
    """Give the arguments in a path, or None when it has another shape."""
    if len(shape) != len(path):
        return None
    given = []
    for expected, word in zip(shape, path):
        if expected is None and word:
            given.append(word)
        elif expected != word:
            return None
    return given


def _table():
    table = {}
    for path, methods in ROUTES.items():
        words = [word for word in path.split('/') if word]
        names = [word[1:-1] for word in words if word[0] == '{']
        shape = tuple(None if word[0] == '{' else word for word in words)
        table.setdefault(shape, {}).update(
            {method: (names, function)
             for method, function in methods.items()})
    return table


_METHODS = _table()
# Words come before arguments, so that "last" is never taken for an id.
_SHAPES = sorted(_METHODS, key=lambda shape: shape.count(None))
