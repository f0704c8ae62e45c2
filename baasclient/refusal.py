# SPDX-License-Identifier: Apache-2.0
"""What the service refuses, in the words of the commands."""
import re

from osc_lib import exceptions

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
HINTS = {
    401: 'Check the user name and the password (OS_USERNAME, OS_PASSWORD or '
         'clouds.yaml).',
    403: 'Ask an administrator of the cloud for the right to do this.',
    404: 'Check that the endpoint is the one of the BaaS service.',
    503: 'Try again in a moment.',
}
INVALID = 'baas.request.invalid_argument'
_UNKNOWN = 'baas.request.unknown_argument'
_NEWER = ('Leave it out, or ask for a newer version with '
          '--os-baas-api-version if the service has one.')


def error(response):
    """Give the error that an answer tells of; {} when it is none of ours."""
    try:
        return dict(response.json()['errors'][0])
    except (ValueError, KeyError, IndexError, TypeError):
        return {}


def of(response, called):
    """Make an error of osc_lib out of an answer that refuses.

    Its ``details`` are the code of the error, e.g. ``baas.target.busy``.

    :param called: what the user calls arguments of the API, by their names:
        see :func:`baasclient.command.called`.
    """
    status, told = response.status_code, error(response)
    sentence = told.get('detail') or (
        'The user is not known to the service, or the password is wrong.'
        if status == 401 else '%s answered: %s.' % (
            response.url.split('?')[0], response.reason))
    advice = told.get('hint') or HINTS.get(status, '')
    if told.get('code') == _UNKNOWN:
        advice = _NEWER  # it lists what requests may have
    lines = [_argument(sentence, called), hint(_argument(advice, called))]
    request_id = told.get('request_id') or response.headers.get(
        'X-Openstack-Request-Id')
    if request_id:
        lines.append('Request id: %s' % request_id)
    return _CLASSES.get(status, exceptions.ClientException)(
        status, '\n'.join(line for line in lines if line),
        told.get('code'))


def _argument(sentence, called):
    """Call the arguments of the API in a sentence as the user does."""
    def shown(found):
        if found[2] not in called:
            return found[0]
        kind, name = called[found[2]]
        return '%s %s' % (kind.capitalize() if found[1] == 'A' else kind,
                          name)
    sentence = re.sub(
        r'\b([Aa])rgument ([a-z_]+)\b(?: and send the request again)?',
        shown, sentence)
    # Only what has an underscore is for sure the name of one.
    return re.sub(r'\b[a-z]+_[a-z_]+\b', lambda found: called.get(
        found[0], (None, found[0]))[1], sentence)


def hint(text):
    """Turn requests that a hint of the service names into commands."""
    for request, command in _COMMANDS:
        text = re.sub(request, command, text)
    return text
