# SPDX-License-Identifier: Apache-2.0
"""What can be quiesced on a node: one file a kind of thing."""
