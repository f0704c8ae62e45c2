# SPDX-License-Identifier: Apache-2.0
"""Behaviour on a machine with firmware and a BMC: the bare-metal lab."""
