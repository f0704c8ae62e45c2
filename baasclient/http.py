# SPDX-License-Identifier: Apache-2.0
"""Requests to the service, and its errors as errors of osc_lib."""
import re
from urllib import parse

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ksa_exceptions
from osc_lib import exceptions

from baasclient import refusal
from baasclient import unreachable

SERVICE_TYPE = 'control-plane-backup'
NEWEST = '1.1'
"""Newest microversion that this client knows."""
_PAGE = 'text/html'
_SECRETS = {'ping_url'}
"""Members of bodies that are not shown with --debug, nor is the rest."""
TIMEOUT = (10, 60)
"""Seconds to wait for a connection, and for an answer."""


class Unreachable(exceptions.CommandError):
    """The service gave no answer; asking again later may help."""


def path(*parts):
    """Make a path of the API, e.g. ``/v1/job/<id>/log``.

    :param parts: names and ids.
    :raises CommandError: one has what no URL can have, or would lead to
        something else.
    """
    demand_text(parts)
    _demand_shown(parts)
    for part in parts:
        if part in ('', '.', '..'):
            raise exceptions.CommandError(
                "Nothing has the id or the name '%s'.\nName it by its id."
                % part)
    return '/v1/' + '/'.join(parse.quote(part, safe='') for part in parts)


class Client:
    """Requests to the service.

    :param session: session of keystoneauth1 that knows who asks.
    :param version: microversion to speak, e.g. ``1.0`` or ``latest``; ``1``
        is the newest that both speak.
    :ivar called: what the user calls the arguments of the API, by their
        names (:func:`baasclient.command.called`).
    :param where: how to choose the endpoint, as
        :class:`keystoneauth1.adapter.Adapter` takes it.
    """

    def __init__(self, session, version='1', **where):
        self.called = {}
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
        demand_text((params, json))
        _demand_shown(params.values())
        try:
            self._find_endpoint()
            response = self._send(method, path, params, json, headers)
            if response.status_code == 406 and self._settle(response):
                response = self._send(method, path, params, json, headers)
        except ksa_exceptions.ConnectionError as error:
            raise Unreachable(unreachable.words(
                self._adapter.endpoint_override, error))
        if response.status_code >= 400:
            raise refusal.of(response, self.called)
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
                % (response.url, refusal.HINTS[404]))

    def _send(self, method, path, params, json, headers):
        return self._adapter.request(
            path, method, params=params, json=json, raise_exc=False,
            timeout=TIMEOUT, log=not _SECRETS & set(json or ()),
            headers={'Accept': 'application/json', **(headers or {})})

    def _settle(self, response):
        """Go on with the newest version of a service that is older than this
        client; tell whether that may help."""
        newest = refusal.error(response).get('max_version')
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


def demand_text(values):
    """Refuse what was no UTF-8 on the command line: Python keeps its bytes as
    halves of characters.

    :param values: texts, and lists and mappings of them; all else is left
        alone.
    :raises CommandError: names the first that is none.
    """
    for value in values:
        if isinstance(value, (list, tuple, dict)):
            demand_text(value)
        if isinstance(value, dict):
            demand_text(value.values())
        if isinstance(value, str) and re.search(r'[\ud800-\udfff]', value):
            raise exceptions.CommandError(
                'The argument %s is not UTF-8.\nWrite it in UTF-8, as all '
                'texts of the service are.' % ascii(value.encode(
                    errors='surrogateescape'))[1:])


def _demand_shown(values):
    """Refuse control characters, which no URL may have."""
    for value in values:
        if re.search(r'[\x00-\x1f\x7f]', str(value)):
            raise exceptions.CommandError(
                'The argument %s has control characters.\nWrite it without.'
                % ascii(value))
