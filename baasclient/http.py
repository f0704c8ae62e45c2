# SPDX-License-Identifier: Apache-2.0
"""Requests to the service, and its errors as errors of osc_lib."""
import re
from urllib import parse

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ksa_exceptions
from osc_lib import exceptions

from baasclient import unreachable

SERVICE_TYPE = 'control-plane-backup'
NEWEST = '1.1'
"""Newest microversion that this client knows."""
_PAGE = 'text/html'
_SECRETS = {'ping_url'}
"""Members of bodies that are not shown with --debug, nor is the rest."""
TIMEOUT = (10, 60)
"""Seconds to wait for a connection, and for an answer."""

_CLASSES = {400: exceptions.BadRequest, 401: exceptions.Unauthorized,
            403: exceptions.Forbidden, 404: exceptions.NotFound,
            409: exceptions.Conflict}
_COMMANDS = (
    # The hints of the service speak of requests; here they are commands.
    (r'POST /v1/job/(\S+)/cancel',
     r'openstack control plane backup job cancel \1'),
    (r'GET /v1/job\b', 'openstack control plane backup job list'),
    (r'GET /v1/node\b', 'openstack control plane backup node list'),
    (r'POST /v1/backup/(\S+)/unprotect',
     r'openstack control plane backup unprotect \1'),
    (r'POST /v1/backup/(\S+)/undelete',
     r'openstack control plane backup undelete \1'),
    (r'GET /v1/backup[?]status=trashed',
     'openstack control plane backup list --trash'),
    (r'POST /v1/cleanup\b', 'openstack control plane backup cleanup create'),
    (r'GET /v1/cleanup\b', 'openstack control plane backup cleanup list'),
    (r'GET /v1/schedule\b', 'openstack control plane backup schedule list'),
    (r'GET /v1/restore\b', 'openstack restore list'),
    (r'GET /v1/backup\b', 'openstack control plane backup list'),
    (r'\bmax_outage to ([0-9.]+)', r'--max-outage to \1'),
    (r'\bset may_overlap to true\b', 'add --may-overlap'),
    (r'\bforce=([a-z-]+)', r'--force \1'),
    (r'\bkeep_([a-z]+)\b', r'--keep-\1'),
    (r'\b[Ss]end (?=openstack )', 'run '),
    (r'^run ', 'Run '),
    (r'(?<=[.] )run (?=openstack )', 'Run '),
    (r'\bstopall=yes\b', '--stop-all'),
    (r'\bstopall=no\b', '--no-stop-all'),
    (r'\bpurge=yes\b', '--purge'),
)
_OPTIONS = {
    # Where an option is not called as its argument.
    'backup_id': '--backup', 'change_bytes': '--change',
    'check_only': '--check', 'grace_minutes': '--grace',
    'jitter_seconds': '--jitter', 'label': '--label', 'labels': '--label',
    'may_overlap': '--may-overlap', 'ping_url': '--ping-file',
    'size_bytes': '--size', 'stopall': '--stop-all',
    'window_minutes': '--window',
}
_NAMED = ('allow_degraded', 'expires', 'limit', 'marker', 'max_outage', 'name',
          'minimum', 'reason', 'share', 'sort', 'status', 'timezone', 'until')
"""Arguments that are options of the same name in all commands."""
_HINTS = {
    401: 'Check the user name and the password (OS_USERNAME, OS_PASSWORD or '
         'clouds.yaml).',
    403: 'Ask an administrator of the cloud for the right to do this.',
    404: 'Check that the endpoint is the one of the BaaS service.',
    503: 'Try again in a moment.',
}


class Unreachable(exceptions.CommandError):
    """The service gave no answer; asking again later may help."""


def path(*parts):
    """Make a path of the API, e.g. ``/v1/job/<id>/log``.

    :param parts: names and ids, which may have any character.
    """
    return '/v1/' + '/'.join(parse.quote(part, safe='') for part in parts)


class Client:
    """Requests to the service.

    :param session: session of keystoneauth1 that knows who asks.
    :param version: microversion to speak, e.g. ``1.0`` or ``latest``; ``1``
        is the newest that both speak.
    :param where: how to choose the endpoint, as
        :class:`keystoneauth1.adapter.Adapter` takes it.
    """

    def __init__(self, session, version='1', **where):
        self._may_settle = version == '1'
        self._adapter = adapter.Adapter(
            session, service_type=SERVICE_TYPE,
            default_microversion=(NEWEST if self._may_settle
                                  else version.replace('1.latest', 'latest')),
            **where)

    def get(self, path, **params):
        """Ask for a resource; parameters that are None are left out.

        :returns: the decoded JSON.
        :raises ClientException: the service refuses (osc_lib).
        :raises Unreachable: the service gives no answer.
        """
        return self._request('GET', path, params=params)

    def page(self, path, **params):
        """Ask for a page of HTML; as :meth:`get`.

        :returns: the page (str).
        """
        return self._request('GET', path, params=params,
                             headers={'Accept': _PAGE})

    def post(self, path, json=None, **params):
        """Ask for work to be done; as :meth:`get`."""
        return self._request('POST', path, params=params, json=json)

    def put(self, path, json):
        """Have something be as is said; as :meth:`get`."""
        return self._request('PUT', path, json=json)

    def patch(self, seen, path, json):
        """Change a resource, unless it is not what was seen any more; as
        :meth:`get`.

        :param seen: the resource as it was shown, with its ``revision``.
        """
        return self._request('PATCH', path, json=json, headers={
            'If-Match': '"%d"' % seen['revision']})

    def delete(self, path, **params):
        """Ask for a resource to be deleted; as :meth:`get`.

        :returns: the job that does it; None when it is done.
        """
        return self._request('DELETE', path, params=params)

    def list(self, noun, limit=None, marker=None, **params):
        """Ask for a list, page after page.

        :param noun: last part of the path, e.g. ``backup``.
        :param limit: how many at most (int); None for all of them.
        :param marker: id of the last one already seen, or None.
        :returns: list of resources.
        """
        return self.items(path(noun), noun + 's', limit=limit, marker=marker,
                          **params)

    def items(self, path, key, limit=None, marker=None, **params):
        """As :meth:`list`, for any path and any name of the list."""
        found = []
        while True:
            left = None if limit is None else limit - len(found)
            page = self.get(path, limit=left, marker=marker, **params)
            found += page[key]
            marker = _next_marker(page['links'])
            if marker is None or (limit and len(found) >= limit):
                return found

    def _request(self, method, path, params=None, json=None, headers=None):
        params = {name: value for name, value in (params or {}).items()
                  if value is not None}
        try:
            self._find_endpoint()
            response = self._send(method, path, params, json, headers)
            if response.status_code == 406 and self._settle(response):
                response = self._send(method, path, params, json, headers)
        except ksa_exceptions.ConnectionError as error:
            raise Unreachable(unreachable.words(
                self._adapter.endpoint_override, error))
        if response.status_code >= 400:
            raise _refusal(response)
        if response.status_code == 204:
            return None
        try:
            if (headers or {}).get('Accept') != _PAGE:
                return response.json()
            if response.headers.get('Content-Type', '').startswith(_PAGE):
                return response.content.decode()
            raise ValueError
        except ValueError:
            raise exceptions.CommandError(
                '%s does not answer as the BaaS service does.\n%s'
                % (response.url, _HINTS[404]))

    def _send(self, method, path, params, json, headers):
        return self._adapter.request(
            path, method, params=params, json=json, raise_exc=False,
            timeout=TIMEOUT, log=not _SECRETS & set(json or ()),
            headers={'Accept': 'application/json', **(headers or {})})

    def _settle(self, response):
        """Go on with the newest version of a service that is older than this
        client; tell whether that may help."""
        newest = _error(response).get('max_version')
        if not self._may_settle or not newest:
            return False
        self._may_settle = False
        self._adapter.default_microversion = newest
        return True

    def _find_endpoint(self):
        """Settle on an endpoint, once, or say why there is none."""
        if self._adapter.endpoint_override:
            return
        try:
            endpoint = self._adapter.get_endpoint()
        except ksa_exceptions.EndpointNotFound:
            endpoint = None
        if not endpoint:
            raise exceptions.CommandError(
                'There is no endpoint of service type %s for this cloud and '
                'region.\nHave it added with openstack endpoint create, or '
                'set OS_AUTH_TYPE=http_basic and OS_ENDPOINT for a service '
                'without Keystone.' % SERVICE_TYPE)
        # An endpoint may be registered with the version that paths have.
        self._adapter.endpoint_override = re.sub(r'/v1/?$', '', endpoint)


def _next_marker(links):
    """Give the marker of the next page, or None when there is none."""
    for link in links:
        if link['rel'] == 'next':
            # Of the link only this: a proxy may have changed the rest.
            query = parse.urlsplit(link['href']).query
            return parse.parse_qs(query)['marker'][0]
    return None


def _error(response):
    """Give the error that an answer tells of; {} when it is none of ours."""
    try:
        return dict(response.json()['errors'][0])
    except (ValueError, KeyError, IndexError, TypeError):
        return {}


def _refusal(response):
    """Make an error of osc_lib out of an answer that refuses.

    Its ``details`` are the code of the error, e.g. ``baas.target.busy``.
    """
    status, error = response.status_code, _error(response)
    sentence = error.get('detail') or (
        'The user is not known to the service, or the password is wrong.'
        if status == 401 else '%s answered: %s.' % (
            response.url.split('?')[0], response.reason))
    lines = [_argument(sentence), _argument(hint(
        error.get('hint') or _HINTS.get(status, '')))]
    request_id = error.get('request_id') or response.headers.get(
        'X-Openstack-Request-Id')
    if request_id:
        lines.append('Request id: %s' % request_id)
    return _CLASSES.get(status, exceptions.ClientException)(
        status, '\n'.join(line for line in lines if line),
        error.get('code'))


def _argument(sentence):
    """Call an argument of the API by its option, if it is one."""
    def option(found):
        name = found[2]
        if name.startswith('keep_') or name in _NAMED:
            return '%sption --%s' % (
                'O' if found[1] == 'A' else 'o', name.replace('_', '-'))
        if name in _OPTIONS:
            return '%sption %s' % ('O' if found[1] == 'A' else 'o',
                                   _OPTIONS[name])
        return found[0]
    sentence = re.sub(
        r'\b([Aa])rgument ([a-z_]+)\b(?: and send the request again)?',
        option, sentence)
    return re.sub(r'\b(size_bytes|change_bytes)\b',
                  lambda found: _OPTIONS[found[0]], sentence)


def hint(text):
    """Turn requests that a hint of the service names into commands."""
    for request, command in _COMMANDS:
        text = re.sub(request, command, text)
    return text
