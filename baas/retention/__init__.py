# SPDX-License-Identifier: Apache-2.0
"""Which sets stay and which go, what is odd about a set, and how many sets a
year brings: all of it pure, of what it is told and nothing else."""
