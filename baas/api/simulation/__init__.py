# SPDX-License-Identifier: Apache-2.0
"""The simulation of clean-ups as a page for people."""
