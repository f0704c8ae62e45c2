# SPDX-License-Identifier: Apache-2.0
"""The API described as OpenAPI 3.1, from the routes and their signatures."""
from wsme import types as wsme_types

from baas.api import auth
from baas.api.docs import failures
from baas.api import microversion
from baas.api import types

ARGUMENTS = {
    'If-Match': 'The ETag of what was seen, so that nothing is changed that '
                'is not that any more; or * for whatever it is.',
    'force': 'What is done although it may destroy something: '
             'healthy-member restores over a node that is a healthy member '
             'of its cluster, other-machine restores onto another machine '
             'than the backup is of.',
    'id': 'Id of the thing itself.',
    'limit': 'How many rows a page has at most; the service has a limit of '
             'its own.',
    'marker': 'Show what comes after this one, the last of the page before.',
    'name': 'Only those of this name.',
    'node': 'Only those of this node, by its inventory name.',
    'nodeid': 'Inventory name, bare metal UUID or name, or instance UUID.',
    'plan': 'Whether to do nothing, and say only what would be done.',
    'sort': 'Keys to sort by, such as node,creation_date:desc; one without a '
            'direction rises.',
    'status': 'Only those of this status.',
    'target': 'The undercloud, or the control plane of the overcloud.',
}
"""What the arguments of several calls mean. Those of one call are explained
in the docstring of its function. A name means the same in all calls."""
_ALWAYS = (400, 406, 408, 413, 414, 417, 431, 500)
_GUARDED = (401, 403, 503)
_CHANGING = {'PATCH': (412, 428), 'DELETE': (412,)}
"""How what changes something tagged can fail."""
_PLAIN = {str: 'string', int: 'integer', float: 'number', bool: 'boolean'}


def document(routes, version):
    """Describe routes.

    :param routes: mapping of path to mapping of method to what
        :func:`baas.api.expose.expose` made.
    :param version: microversion that is described.
    :returns: dict, ready for JSON, without the key ``servers``.
    """
    schemas = {'Errors': failures.ERRORS}
    paths = {}
    for path, methods in routes.items():
        for method, function in methods.items():
            for place, operation in _operations(path, function, schemas):
                paths.setdefault(place, {})[method.lower()] = operation
    return {
        'openapi': '3.1.0',
        'info': {'title': 'Backup of OpenStack control planes',
                 'version': version,
                 'license': {'name': 'Apache-2.0',
                             'identifier': 'Apache-2.0'}},
        'paths': paths,
        'security': [{'password': []}, {'token': []}],
        'components': {
            'schemas': schemas,
            'responses': {name: {'description': meaning, 'content': _json(
                {'$ref': '#/components/schemas/Errors'})}
                for name, meaning in failures.MEANINGS.values()},
            'securitySchemes': {
                'password': {'type': 'http', 'scheme': 'basic'},
                'token': {'type': 'apiKey', 'in': 'header',
                          'name': 'X-Auth-Token'}},
        },
    }


def _operations(path, function, schemas):
    """Give (path, operation) pairs: an argument in the path that is one of
    a few words makes a path for each, since OpenAPI takes /backup/{id} and
    /backup/{target} for the same."""
    for argument in function.call.definition.arguments:
        place = f'{{{argument.name}}}'
        if place in path and isinstance(argument.datatype, types.choice):
            for word in argument.datatype.values:
                yield (path.replace(place, word),
                       _operation(path, function, schemas, word))
            return
    yield path, _operation(path, function, schemas)


def _operation(path, function, schemas, word=None):
    definition = function.call.definition
    noun = function.__module__.rpartition('.')[2]
    arguments = [a for a in definition.arguments
                 if word is None or f'{{{a.name}}}' not in path]
    if definition.body_type:
        arguments = arguments[:-1]
    operation = {
        'operationId': '_'.join(filter(None, (noun, definition.name, word))),
        'tags': [noun],
        'summary': function.call.summary,
        'parameters': [_parameter(path, argument, function.call)
                       for argument in arguments]
        + _tag(function.call),
        'responses': _responses(path, function, schemas),
        **_since(function.call.since),
    }
    if definition.body_type:
        operation['requestBody'] = {
            'required': any(field.mandatory for field in
                            wsme_types.list_attributes(
                                definition.body_type)),
            'content': _json(_schema(definition.body_type, schemas))}
    if path.rstrip('/') in auth.OPEN:
        operation['security'] = []
    return operation


def _tag(call):
    if not call.tagged or call.method not in _CHANGING:
        return []
    return [{'name': 'If-Match', 'in': 'header',
             'required': call.method == 'PATCH',
             'description': ARGUMENTS['If-Match'],
             'schema': {'type': 'string',
                        'pattern': '^([*]|"[0-9]{1,10}")$'}}]


def _since(version):
    """Say since when something is there, in the words that openstack/openapi
    has for it."""
    if version == microversion.VERSIONS[0]:
        return {}
    return {'x-openstack': {'min-ver': version}}


def _parameter(path, argument, call):
    name = argument.name
    inside = f'{{{name}}}' in path
    return {'name': name, 'in': 'path' if inside else 'query',
            'required': inside,
            'description': call.about.get(name) or ARGUMENTS[name],
            'schema': argument.datatype.schema,
            **_since(call.newer.get(name, microversion.VERSIONS[0]))}


def _responses(path, function, schemas):
    call, definition = function.call, function.call.definition
    answer = {'description': 'What was asked for.'}
    if definition.status_code != 204:
        answer['content'] = _json(_schema(definition.return_type, schemas))
    if call.text:
        answer['content']['text/plain'] = {'schema': {'type': 'string'}}
    if definition.status_code == 202:
        answer['description'] = 'A job does it.'
    headers = {}
    if definition.status_code in (201, 202):
        headers['Location'] = {'description': 'Where it is.', 'schema': {
            'type': 'string', 'format': 'uri'}}
    if call.tagged and definition.status_code != 204:
        headers['ETag'] = {'description': 'What If-Match takes.', 'schema': {
            'type': 'string'}}
    if headers:
        answer['headers'] = headers
    statuses = {*_ALWAYS, *call.fails}
    if call.since != microversion.VERSIONS[0]:
        statuses.add(404)  # below it
    if call.tagged:
        statuses.update(_CHANGING.get(call.method, ()))
    if path.rstrip('/') not in auth.OPEN:
        statuses.update(_GUARDED)
    if definition.body_type:
        statuses.add(415)
    return {str(definition.status_code): answer, **{
        str(status): {'$ref': '#/components/responses/'
                      + failures.MEANINGS[status][0]}
        for status in sorted(statuses)}}


def _json(schema):
    return {'application/json': {'schema': schema}}


def _schema(datatype, schemas):
    if isinstance(datatype, wsme_types.ArrayType):
        return {'type': 'array',
                'items': _schema(datatype.item_type, schemas)}
    if wsme_types.isusertype(datatype):
        return datatype.schema
    if datatype in _PLAIN:
        return {'type': _PLAIN[datatype]}
    if datatype.__name__ not in schemas:
        schemas[datatype.__name__] = {}  # met again inside itself, it ends
        schemas[datatype.__name__] = _object(datatype, schemas)
    return {'$ref': f'#/components/schemas/{datatype.__name__}'}


def _object(datatype, schemas):
    fields = wsme_types.list_attributes(datatype)
    return {
        'type': 'object', 'description': datatype.__doc__,
        'properties': {f.name: _property(f, schemas) for f in fields},
        'required': [f.name for f in fields if f.mandatory
                     and f.since == microversion.VERSIONS[0]],
        'additionalProperties': False}


def _property(field, schemas):
    schema = _schema(field.datatype, schemas)
    if field.null:
        schema = {'anyOf': [schema, {'type': 'null'}]}
    return {**schema, 'description': field.doc, **_since(field.since)}
