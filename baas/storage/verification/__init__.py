# SPDX-License-Identifier: Apache-2.0
"""All that is stored of a node, read back against what was signed."""
