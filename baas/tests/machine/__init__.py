# SPDX-License-Identifier: Apache-2.0
"""Tests of what a kernel may lack: they run in the machine of tools/vm."""
