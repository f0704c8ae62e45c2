# SPDX-License-Identifier: Apache-2.0
"""What the document of the API has for its readers beside the calls
themselves: an introduction, chapters, short titles, and examples.

The examples are what the application has answered: the module ``examples`` of
the functional tests asks it, and those tests fail until what is kept here is
what it answers.
"""
import copy
import json
import re
import sys
from importlib import resources

from baas.api.docs import failures

OTHERS = 'discovery'
"""The chapter of calls that are of no noun."""
FILE = 'examples.json'
INTRODUCTION = """\
Takes backups of the control plane of an OpenStack cloud, keeps their history,
and restores machines from them.

**Who asks.** Calls need a token of the Identity service in `X-Auth-Token`, or
a user name and password (HTTP basic), as the operator of the service has set
it up. The calls of the chapter *discovery* need neither.

**Microversions.** `OpenStack-API-Version: control-plane-backup 1.1` asks for
one, `latest` for the newest. Without the header the service answers as the
oldest, 1.0, in which nothing is there that came later.

**Work takes time.** What takes long is answered with 202, and a job does it:
`Location` leads to it. Ask there until its `state` is `done`, `error` or
`cancelled`.

**Errors** have one shape. `code` never changes; `detail` says what is wrong
and `hint` what to do. What no call knows is refused, and a path answers 405 to
methods that it does not have, with those that it has in `Allow`.

**In a browser.** `/v1/docs/simulation` shows what the call *GET
/v1/cleanup/simulation* answers, with a form and drawings, to whoever may send
that call.
"""
_DISCOVERY = 'Which versions there are, and this document.'


def complete(document, routes):
    """Add to a document what its readers want beside the calls.

    :param document: what :func:`baas.api.openapi.document` made; it is
        changed.
    :param routes: what it was made of.
    :returns: the same dict.
    """
    document['info']['description'] = INTRODUCTION
    document['tags'] = _chapters(document['paths'], routes)
    _titles(document['paths'])
    add(document, recorded())
    return document


def recorded():
    """Read the examples: calls, by method and path of the document, and what
    they answer when they fail, by status."""
    return json.loads(resources.files(__package__).joinpath(
        FILE).read_text(encoding='utf-8'))


def operations(paths):
    """Give (method and path, operation) of each call of a document."""
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield f'{method.upper()} {path}', operation


def _chapters(paths, routes):
    """Put each call into the chapter of its noun; give the chapters."""
    means = {OTHERS: _DISCOVERY}
    for methods in routes.values():
        for function in methods.values():
            place, _colon, doc = (sys.modules[function.__module__].__doc__
                                  or '').partition(': ')
            if re.fullmatch('/v1/[a-z]+', place):
                doc = ' '.join(doc.split())
                means[place[4:]] = doc[:1].upper() + doc[1:]
    found = []
    for call, operation in operations(paths):
        noun = re.match('[A-Z]+ /v1/([a-z]+)(/|$)', call)
        chapter = noun.group(1) if noun else OTHERS
        operation['tags'] = [chapter]
        if chapter not in found:
            found.append(chapter)
    return [{'name': one, 'description': means.get(one, '')}
            for one in sorted(found, key=lambda one: (one != OTHERS, one))]


def _titles(paths):
    """Keep the first words of what a call does for lists of calls, and say
    all of it where the call is shown."""
    seen = {}
    for call, operation in operations(paths):
        whole = operation['summary']
        operation['summary'] = re.split('[,;:.]( |$)', whole)[0]
        if operation['summary'] != whole.rstrip('.'):
            operation['description'] = whole
        seen.setdefault((*operation['tags'], operation['summary']), []).append(
            (call.rpartition('/')[2], operation))
    for (_chapter, title), alike in seen.items():
        for word, operation in alike if len(alike) > 1 else ():
            operation['summary'] = f'{title} ({word})'


def add(document, examples):
    """Add examples to a document.

    :param document: dict; it is changed. A call that has no example stays
        without one.
    :param examples: as :func:`recorded` gives them.
    """
    for call, operation in operations(document['paths']):
        if call in examples['calls']:
            _add(operation, copy.deepcopy(examples['calls'][call]))
    for status, answer in examples['errors'].items():
        name = failures.MEANINGS[int(status)][0]
        document['components']['responses'][name]['content'][
            'application/json']['example'] = answer


def _add(operation, example):
    for one in operation['parameters']:
        if one['name'] in example['arguments']:
            one['example'] = example['arguments'][one['name']]
    if 'body' in example:
        operation['requestBody']['content']['application/json'][
            'example'] = example['body']
    answer = operation['responses'][str(example['status'])]
    for kind, body in example['answers'].items():
        answer['content'][kind]['example'] = body
    for name, value in example['headers'].items():
        answer['headers'][name]['example'] = value
