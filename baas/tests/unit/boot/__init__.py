# SPDX-License-Identifier: Apache-2.0
"""Tests of the boot methods and of the programs that work with them."""
