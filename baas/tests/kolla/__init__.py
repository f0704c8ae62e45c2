# SPDX-License-Identifier: Apache-2.0
"""The service against a lab in the shape of kolla-ansible: units around
containers of Podman and of Docker, no cluster manager, keepalived."""
from baas.tests.lab import another

another.settle('kolla', 80, 'kolla')
