# SPDX-License-Identifier: Apache-2.0
"""What HACKING.rst asks of the code, as far as a program can see it."""
