# SPDX-License-Identifier: Apache-2.0
"""Jobs from submission to end, with real Ansible."""
