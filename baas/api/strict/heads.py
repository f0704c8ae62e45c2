# SPDX-License-Identifier: Apache-2.0
"""What must be right in the head of each request."""
from baas.api.strict import expectations
from baas.api.strict import hosts


def layer(application, conf):
    """Refuse a request by its head, before anybody looks at the rest."""
    return expectations.layer(hosts.layer(application, conf), conf)
