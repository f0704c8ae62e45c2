# SPDX-License-Identifier: Apache-2.0
"""Records the examples of the document of the API: asks the application and
writes down what it answers.

    .venv/bin/python -m baas.tests.functional.examples.recorder
"""
import base64
import json
import pathlib
from urllib import parse

import sqlalchemy as sa
import webob
import yaml

from baas.api.docs import complete
from baas.api import faults
from baas.api.http import connections
from baas.api import microversion
from baas.db import models
from baas.db import session
from baas import errors
from baas.tests import fixtures
from baas.tests.functional.examples import steady
from baas.tests.functional.examples import world

HERE = pathlib.Path(__file__).parent
PLACE = HERE.parents[2] / 'api' / 'docs' / complete.FILE
COMMAND = '.venv/bin/python -m baas.tests.functional.examples.recorder'
BASE = 'http://192.0.2.1:9533'
_WHO = base64.b64encode(
    f'{fixtures.USER}:{fixtures.PASSWORD}'.encode()).decode()
ALLOWED = {'Authorization': f'Basic {_WHO}'}
_BACKUP = ('POST', '/v1/backup/overcloud')
_CHANGE = ('PATCH', f'/v1/schedule/{world.IDS["schedule"]}')
_REFUSED = {
    400: ('POST', '/v1/backup/overcloud?stopall=maybe', {}, b''),
    403: (*_BACKUP, {'X-Roles': 'reader'}, b''),
    404: ('GET', f'/v1/backup/{world.IDS["set"]}', {}, b''),
    406: ('GET', '/v1/backup', {
        microversion.HEADER: microversion.value('9.9')}, b''),
    409: ('POST', f'/v1/restore/{world.IDS["backup"]}/controller-1', {}, b''),
    412: (*_CHANGE, {'If-Match': '"7"'}, b'{"enabled": false}'),
    413: (*_BACKUP, {}, b' ' * 70000),
    414: ('GET', f'/v1/backup?name={"a" * faults.LONGEST_URL}', {}, b''),
    415: (*_BACKUP, {'Content-Type': 'text/plain'}, b'name=weekly'),
    417: (*_BACKUP, {'Expect': 'beer'}, b''),
    428: (*_CHANGE, {}, b'{"enabled": false}'),
}
"""A request that is refused with each status."""
_ELSEWHERE = {408: connections.RequestTimeout, 431: connections.HeadTooLarge,
              500: errors.BaasError, 503: faults.DatabaseAway}
"""What does not come of a request alone: the same answer is made of it."""


def requests():
    """Give the requests of requests.yaml (list of dicts)."""
    return yaml.safe_load((HERE / 'requests.yaml').read_text())


def record():
    """Ask for all examples.

    :returns: dict as :func:`baas.api.docs.complete.recorded` gives it.
    :raises AssertionError: a request is refused; it says which, and why.
    """
    names = steady.Steady(fixtures.BAREMETAL.values())
    with fixtures.BaasFixture() as service:
        world.make()
        calls = {one['call']: _example(service.application, one, names)
                 for one in requests()}
        refused = {401: _ask(service.application, 'GET', '/v1/backup', {})}
    with fixtures.BaasFixture(auth='noauth') as service:
        world.make()
        for status, (method, url, headers, body) in _REFUSED.items():
            refused[status] = _ask(service.application, method, url, headers,
                                   body)
    environ = {'openstack.request_id': 'req-' + world.IDS['job']}
    for status, error in _ELSEWHERE.items():
        refused[status] = faults.answer(error(), environ)
    return {'calls': calls, 'errors': {
        str(status): names.of(_refusal(status, refused[status]))
        for status in sorted(refused)}}


def _refusal(status, answer):
    assert answer.status_int == status, f'{status}: {answer.text}'
    return answer.json


def _example(application, request, names):
    call, method, url, query = request['call'], *_where(request)
    body = json.dumps(request['body']).encode() if 'body' in request else b''
    given = {**ALLOWED, **request.get('headers', {})}
    answer = _ask(application, method, url, given, body)
    assert answer.status_int < 300, f'{call} is refused: {answer.text}'
    answers = {}
    if answer.body:
        # The document has these examples in it.
        answers['application/json'] = names.of({
            name: value for name, value in answer.json.items()
            if name in request.get('only', answer.json)})
    if request.get('text'):
        answers['text/plain'] = names.of(_ask(application, method, url, {
            **given, 'Accept': 'text/plain'}).text)
    _release()
    return {'arguments': {**_path(request), **query,
                          **request.get('headers', {})},
            **{name: request[name] for name in ('body',) if name in request},
            'status': answer.status_int, 'answers': answers,
            'headers': {name: names.of(answer.headers[name])
                        for name in ('Location', 'ETag')
                        if name in answer.headers}}


def _where(request):
    """Give method, URL and query of a request."""
    method, place = request['call'].split()
    for name, value in _path(request).items():
        place = place.replace(f'{{{name}}}', value)
    query = request.get('query', {})
    tail = '?' + parse.urlencode(query, doseq=True) if query else ''
    return method, place + tail, query


def _path(request):
    return {name: value.format(**world.IDS)
            for name, value in request.get('path', {}).items()}


def _ask(application, method, url, headers, body=b''):
    request = webob.Request.blank(url, base_url=BASE, method=method, headers={
        microversion.HEADER: microversion.value('latest')})
    if body:
        request.body = body
        request.content_type = 'application/json'
    request.headers.update(headers)
    return request.get_response(application)


def _release():
    """End what a request has begun, or the next one would find the target at
    work."""
    jobs = models.Job.__table__
    with session.writer() as connection:
        connection.execute(sa.update(jobs).where(
            jobs.c.holds.is_not(None)).values(state='error', holds=None))


def text(examples):
    """Give examples as they are kept."""
    return json.dumps(examples, indent=1, ensure_ascii=False) + '\n'


if __name__ == '__main__':
    PLACE.write_text(text(record()), encoding='utf-8')
