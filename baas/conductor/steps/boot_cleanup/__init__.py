# SPDX-License-Identifier: Apache-2.0
"""The step of a job that puts back what a restore could not."""
