# SPDX-License-Identifier: Apache-2.0
"""The system of the node: commands, files, processes and units."""
