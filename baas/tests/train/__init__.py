# SPDX-License-Identifier: Apache-2.0
"""The service against a lab in the shape of TripleO's release Train: of the
databases of OVN one replica of a bundle is at work, and others follow it."""
from baas.tests.lab import another

another.settle('train', 82, 'train')
