# SPDX-License-Identifier: Apache-2.0
"""The barrier of a backup: all nodes are quiesced, take snapshots and resume
together, ordered over one open connection to each.

It runs in a process of its own, imports nothing that takes long to load or
much memory, and needs neither the database nor the broker of the service."""
