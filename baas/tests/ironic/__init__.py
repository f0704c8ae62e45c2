# SPDX-License-Identifier: Apache-2.0
"""Boot methods against a real Bare Metal service with a Redfish BMC."""
