# SPDX-License-Identifier: Apache-2.0
"""Why a service gives no answer, in words."""
from keystoneauth1 import exceptions as ksa_exceptions


def words(endpoint, error):
    """Say why, and what to look at (str).

    :param endpoint: URL of the service; None: it is not known yet.
    :param error: :class:`keystoneauth1.exceptions.ConnectionError`.
    """
    reason = 'the connection cannot be made'
    if isinstance(error, ksa_exceptions.SSLError):
        reason = 'its certificate cannot be verified'
    elif isinstance(error, ksa_exceptions.ConnectTimeout):
        reason = 'no answer came in time'
    elif 'refused' in str(error):
        reason = 'the connection is refused'
    elif 'resolve' in str(error) or 'Name or service' in str(error):
        reason = 'its name is unknown'
    if endpoint is None:  # it was still being looked up
        return ('The Identity service does not answer: %s.\n'
                'Check OS_AUTH_URL or clouds.yaml.' % reason)
    return ('The BaaS service at %s does not answer: %s.\n'
            'Check that it runs there, and that the endpoint is right '
            '(OS_ENDPOINT, clouds.yaml or the service catalogue).'
            % (endpoint, reason))
