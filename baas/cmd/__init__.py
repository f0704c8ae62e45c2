# SPDX-License-Identifier: Apache-2.0
"""Entry points: one file a program."""
