# SPDX-License-Identifier: Apache-2.0
"""The way from a request to a function and back.

WSME's own adapter for pecan checks URL arguments badly, lets a query
argument override one of the path, speaks XML, and has other shapes for
errors. So this is one of our own over WSME's signatures and parsers.
"""
import dataclasses
import functools
import inspect
import json

import pecan
from wsme import api as wsme_api
from wsme import exc as wsme_exc
from wsme import types as wsme_types
from wsme.rest import args as wsme_args
from wsme.rest import json as wsme_json
import wsme

from baas.api import microversion
from baas.api.strict import bodies
from baas import errors


class UnknownArgument(errors.InvalidArgument):
    """The request has an argument that the call does not know: 400."""
    faultcode = 'baas.request.unknown_argument'
    title = 'Unknown argument'
    hint = 'This call knows: {known}.'


@dataclasses.dataclass(frozen=True)
class Call:
    """What is known of an exposed function.

    :ivar definition: its signature (wsme.api.FunctionDefinition).
    :ivar method: HTTP method that it answers.
    :ivar path: its path, a word in braces for each argument in it.
    :ivar summary: what it does (str).
    :ivar about: what arguments of its own mean, by their names.
    :ivar rule: name of its policy rule; None when everybody may call it.
    :ivar text: True when it can answer with plain text, too.
    :ivar fails: statuses of its own errors, beside those of all calls.
    :ivar since: microversion that it is there from.
    :ivar newer: microversions that arguments are there from, by their names;
        of those that came after the call.
    :ivar tagged: True when it shows, changes or deletes one thing that has a
        revision, which is its ETag.
    """
    definition: wsme_api.FunctionDefinition
    method: str
    path: str
    summary: str
    about: dict
    rule: str
    text: bool
    fails: tuple
    since: str
    newer: dict
    tagged: bool


def expose(*types, route, rule=None, text=False, fails=(), since='1.0',
           newer=None, tagged=False, **options):
    """Make a function answer requests.

    Its docstring is its description: what it does, then ``:param name:`` for
    each argument that :data:`baas.api.openapi.ARGUMENTS` does not have.

    :param types: type of the answer, then of each argument. Arguments that
        the path of its route names come from there, all others from the
        query.
    :param route: method and path, e.g. ``GET /v1/job/{id}``. A word in braces
        is an argument of the function.
    :param rule: policy rule that is checked before anything else.
        :func:`baas.api.policy.list_rules` makes it.
    :param text: True when the function can answer with plain text, too.
    :param fails: 404, 409: how it can fail of itself, for the document.
    :param since: microversion that it is there from; nothing is at its path
        before.
    :param newer: the same for arguments that came later, by their names.
    :param tagged: True when the field ``revision`` of the answer is its ETag,
        and what changes it wants the header If-Match.
    :param options: ``status_code`` of the answer and ``body``, the type of
        the body, given to the last argument as a dict.
    """
    def decorate(function):
        wsme.signature(*types, **options)(function)
        call = Call(wsme_api.FunctionDefinition.get(function),
                    *route.split(), *_described(function.__doc__), rule, text,
                    fails, since, newer or {}, tagged)
        call.definition.resolve_types(wsme_types.registry)

        @functools.wraps(function)
        def answer():
            return _respond(function(**_arguments(call)), call)

        pecan.expose(content_type='application/json')(answer)
        if text:
            pecan.expose(content_type='text/plain')(answer)
            answer._pecan['content_type'] = 'application/json'
        # pecan would fill arguments by their names, past all checks.
        answer._pecan['argspec'] = inspect.getfullargspec(lambda: None)
        answer.call = call
        return answer
    return decorate


def _described(doc):
    summary, *arguments = [' '.join(part.split())
                           for part in doc.split(':param ')]
    return summary, dict(one.split(': ', 1) for one in arguments)


def _respond(result, call):
    if isinstance(result, str):
        return pecan.Response(text=result, content_type='text/plain',
                              charset='utf-8')
    status = call.definition.status_code
    if status == 204:
        return pecan.Response(status=status, content_type=None)
    response = pecan.Response(
        body=json.dumps(result, separators=(',', ':')).encode(),
        status=status, content_type='application/json', charset=None)
    if status in (201, 202):
        response.location = result['links'][0]['href']
    if call.tagged:
        response.headers['ETag'] = f'"{result["revision"]}"'
    return response


def _arguments(call):
    request, definition = pecan.request, call.definition
    arguments = {argument.name: argument
                 for argument in definition.arguments
                 if microversion.has(request.environ,
                                     call.newer.get(argument.name, '1.0'))}
    body = arguments.popitem()[1] if definition.body_type else None
    given = dict(request.urlvars)
    known = [name for name in arguments if name not in given]
    for name, value in request.GET.items():
        if name not in known:
            raise UnknownArgument(
                argument=name, reason='is not known here',
                known=', '.join(known) or 'no arguments')
        several = arguments[name].datatype.basetype is list
        if name in given and not several:
            raise errors.InvalidArgument(argument=name,
                                         reason='is given twice')
        given[name] = [*given.get(name, ()), value] if several else value
    values = {name: _value(arguments[name], value)
              for name, value in given.items()}
    if body:
        values[body.name] = _body(definition.body_type, request)
    elif request.body:
        raise bodies.UnexpectedBody()
    return values


def _value(argument, value):
    try:
        return wsme_args.from_param(argument.datatype, value)
    except ValueError as error:
        raise errors.InvalidArgument(argument=argument.name, reason=error)


def _body(datatype, request):
    members = bodies.members(request)
    fields = {field.name: field
              for field in wsme_types.list_attributes(datatype)
              if microversion.has(request.environ, field.since)}
    for name in members:
        if name not in fields:
            raise UnknownArgument(argument=name, reason='is not known here',
                                  known=', '.join(fields))
    for name, field in fields.items():
        if field.mandatory and name not in members:
            raise errors.InvalidArgument(argument=name, reason='is missing')
    return {name: _member(fields[name], value)
            for name, value in members.items()}


def _member(field, value):
    try:
        if value is None:
            if field.null:
                return None
            raise ValueError('must not be null')
        return wsme_json.fromjson(field.datatype, value)
    except (ValueError, wsme_exc.InvalidInput) as error:
        raise errors.InvalidArgument(argument=field.name, reason=error)
