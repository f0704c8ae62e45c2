# SPDX-License-Identifier: Apache-2.0
"""Who asks: the context of a request, for policy, jobs and the log."""
from oslo_context import context


class RequestContext(context.RequestContext):
    """The caller, as the authentication in front of the API found it.

    Lives in the thread while the request is answered, so that each line of
    the log carries the request id.
    """
