# SPDX-License-Identifier: Apache-2.0
"""The playbook of every step, and the program that it calls."""
