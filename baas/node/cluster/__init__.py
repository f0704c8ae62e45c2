# SPDX-License-Identifier: Apache-2.0
"""The clusters that the node is a member of."""
