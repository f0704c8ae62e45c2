# SPDX-License-Identifier: Apache-2.0
"""Tests of the kinds of storage and of the programs that work on them."""
