# SPDX-License-Identifier: Apache-2.0
"""The real openstack shell against the service in process."""
