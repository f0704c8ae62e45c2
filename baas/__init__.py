# SPDX-License-Identifier: Apache-2.0
"""Backup as a Service for OpenStack control planes."""
import sys

from oslo_service import backend
from oslo_service.backend import exceptions

# Libraries of OpenStack look for eventlet and take it when it is there. We
# use threads, so for this process it is not there; oslo.service must be told
# as well, before anything else imports it.
sys.modules.setdefault('eventlet', None)
try:
    backend.init_backend(backend.BackendType.THREADING)
except exceptions.BackendAlreadySelected:
    # A tool of somebody else, such as the generator of sample files, has
    # imported oslo.service before it has come to us, and runs no service.
    pass
