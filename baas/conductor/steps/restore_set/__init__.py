# SPDX-License-Identifier: Apache-2.0
"""The steps of a restore of a set that differ from those of one node: a
cluster is started anew."""
