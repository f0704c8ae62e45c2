# SPDX-License-Identifier: Apache-2.0
"""The arguments, headers and fields of a call, as the rows of a table."""
import re

ORDER = ('header', 'path', 'query', 'body')
"""Where something stands; os-api-ref wants its rows in this order."""
_KIND = {'integer': 'integer', 'number': 'float', 'string': 'string',
         'boolean': 'boolean', 'object': 'object', 'array': 'array'}


def plain(text):
    """Have reStructuredText show a text as it is."""
    return re.sub(r'([\\*`|_])', r'\\\1', text)


def marked(text):
    """Turn the little of Markdown that the document has into
    reStructuredText."""
    return re.sub('`([^`]+)`', r'``\1``', text)


def of_request(operation, schemas):
    """Give (name, row) of all that a request can have."""
    rows = [(one['name'], _row(one, one['schema'], one['in'],
                               one['required']))
            for one in operation['parameters']]
    body = operation.get('requestBody')
    if body:
        schema = body['content']['application/json']['schema']
        rows += _members(schema, schemas, body['required'])
    return rows


def of_answer(answer, schemas):
    """Give (name, row) of all that an answer has."""
    rows = [(name, _row(one, one['schema'], 'header', True))
            for name, one in answer.get('headers', {}).items()]
    content = answer.get('content', {}).get('application/json')
    if content:
        rows += _members(content['schema'], schemas)
    return rows


def _row(about, schema, place, required):
    row = {'in': place, 'required': required, 'type': _kind(schema),
           'description': plain(about.get('description', ''))}
    words = schema.get('enum')
    if words:
        row['description'] += ' One of ' + ', '.join(
            f'``{word}``' for word in words) + '.'
    since = about.get('x-openstack', {}).get('min-ver')
    if since:
        row['min_version'] = since
    return row


def _members(schema, schemas, required=True, before='', seen=()):
    """Give (name, row) of the members of an object and of those inside of
    them, by their whole names."""
    schema, names = _followed(schema, schemas)
    if set(names) & set(seen):
        return
    for name, one in schema.get('properties', {}).items():
        whole = before + name
        needed = required and name in schema.get('required', ())
        followed, _names = _followed(one, schemas)
        yield whole, _row(one, followed, 'body', needed)
        inner = followed.get('items', followed)
        yield from _members(inner, schemas, needed, f'{whole}.',
                            (*seen, *names))


def _followed(schema, schemas):
    """Give a schema without references, and their names."""
    names = []
    while True:
        if '$ref' in schema:
            names.append(schema['$ref'].rpartition('/')[2])
            schema = schemas[names[-1]]
        elif [one for one in schema.get('anyOf', ())
              if one == {'type': 'null'}]:
            schema = schema['anyOf'][0]
        else:
            return schema, names


def _kind(schema):
    kinds = schema.get('anyOf') or [schema]
    return ' or '.join(_KIND[one['type']] for one in kinds)
