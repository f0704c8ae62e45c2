# SPDX-License-Identifier: Apache-2.0
"""The service against a lab in the shape of TripleO: containers, bundles,
HAProxy."""
from baas.tests.lab import another

another.settle('tripleo', 79, 'tripleo')
