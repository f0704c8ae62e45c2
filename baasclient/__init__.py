# SPDX-License-Identifier: Apache-2.0
"""Commands of the openstack shell for the control plane backup service."""
