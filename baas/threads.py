# SPDX-License-Identifier: Apache-2.0
"""Tells libraries of OpenStack that this process uses threads."""
import sys

from oslo_service import backend
from oslo_service.backend import exceptions


def choose():
    """Choose threads, before anything imports oslo.messaging.

    Libraries of OpenStack look for eventlet and take it when it is there. For
    this process it is not there; oslo.service must be told as well.
    """
    sys.modules.setdefault('eventlet', None)
    try:
        backend.init_backend(backend.BackendType.THREADING)
    except exceptions.BackendAlreadySelected:
        # A tool of somebody else, such as the generator of sample files, has
        # imported oslo.service before it has come to us, and runs no service.
        pass
