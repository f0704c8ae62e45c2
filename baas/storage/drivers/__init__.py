# SPDX-License-Identifier: Apache-2.0
"""The kinds of storage, one file each, and what they use."""
