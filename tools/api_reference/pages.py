# SPDX-License-Identifier: Apache-2.0
"""The pages, as reStructuredText with what os-api-ref adds to it."""
import json

import yaml

from api_reference import fields

HEAD = '.. SPDX-License-Identifier: Apache-2.0\n\n'
LICENCE = '# SPDX-License-Identifier: Apache-2.0\n'
SUCCESS = {200: 'What was asked for.', 201: 'It was made.',
           202: 'A job does it.', 204: 'It is done.'}


def make(document):
    """Make the sources of the reference.

    :param document: the document of the API, as OpenAPI (dict).
    :returns: dict of file name to text.
    """
    files, rows = {}, {}
    calls = list(_calls(document))
    for chapter in document['tags']:
        mine = [one for one in calls if one[1]['tags'] == [chapter['name']]]
        text = ''.join(_call(call, operation, document, rows, files)
                       for call, operation in mine)
        files[f'{chapter["name"]}.rst'] = (
            HEAD + _title(chapter['name'].capitalize(), '=', over=True)
            + '.. rest_expand_all::\n\n'
            + fields.plain(chapter['description']) + '\n\n' + text)
    files['index.rst'] = _index(document)
    files['parameters.yaml'] = LICENCE + _yaml(dict(sorted(
        rows.items(), key=lambda one: (
            fields.ORDER.index(one[1]['in']), one[0].lower()))))
    files['status.yaml'] = LICENCE + _yaml(_statuses(document))
    return files


def _calls(document):
    for path, methods in document['paths'].items():
        for method, operation in methods.items():
            yield f'{method.upper()} {path}', operation


def _index(document):
    text = fields.marked(document['info']['description'])
    names = [one['name'] for one in document['tags']]
    return (HEAD + _title(f'{document["info"]["title"]}, version 1', '=',
                          over=True)
            + text + '\n.. toctree::\n   :maxdepth: 2\n\n'
            + ''.join(f'   {name}\n' for name in names))


def _call(call, operation, document, rows, files):
    schemas = document['components']['schemas']
    statuses = sorted(map(int, operation['responses']))
    status = min(statuses)
    answer = operation['responses'][str(status)]
    name = operation['operationId']
    since = operation.get('x-openstack', {}).get('min-ver')
    parts = [
        _title(operation['summary'], '='),
        f'.. rest_method:: {call}\n'
        + (f'\n   min_version: {since}\n' if since else '') + '\n',
        fields.plain(operation.get('description', '')) + '\n\n',
        f'New in version {since}.\n\n' if since else '',
        _codes('success', [status]), _codes('error', [
            one for one in statuses if one != status]),
        _table('Request', name, fields.of_request(operation, schemas), rows),
        _sample('Request', f'{name}-request.json', operation.get(
            'requestBody', {}).get('content', {}), files),
        _table('Response', name, fields.of_answer(answer, schemas), rows),
        _sample('Response', f'{name}-response.json',
                answer.get('content', {}), files)]
    return ''.join(parts)


def _codes(kind, statuses):
    return (f'.. rest_status_code:: {kind} status.yaml\n\n'
            + ''.join(f'   - {status}\n' for status in statuses) + '\n')


def _table(title, name, found, rows):
    """Write a table, and put its rows where os-api-ref looks for them."""
    lines = []
    for field, row in found:
        key = f'{name}.{title.lower()}.{row["in"]}.{field}'
        rows[key] = row
        lines.append(f'   - {field}: {key}\n')
    if not lines:
        return ''
    return (_title(f'{title} parameters', '-')
            + '.. rest_parameters:: parameters.yaml\n\n'
            + ''.join(lines) + '\n')


def _sample(title, name, content, files):
    example = content.get('application/json', {}).get('example')
    if example is None:
        return ''
    files[f'samples/{name}'] = json.dumps(
        example, indent=4, ensure_ascii=False) + '\n'
    return (f'**{title} example**\n\n'
            f'.. literalinclude:: samples/{name}\n   :language: json\n\n')


def _statuses(document):
    found = {status: {'default': text} for status, text in SUCCESS.items()}
    meanings = document['components']['responses']
    for _call, operation in _calls(document):
        for status, answer in operation['responses'].items():
            if '$ref' in answer:
                name = answer['$ref'].rpartition('/')[2]
                found[int(status)] = {'default': fields.plain(
                    meanings[name]['description'])}
    return dict(sorted(found.items()))


def _title(text, line, over=False):
    text = fields.plain(text)
    line *= len(text)
    return f'{line}\n{text}\n{line}\n\n' if over else f'{text}\n{line}\n\n'


def _yaml(value):
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True,
                          width=1000)
