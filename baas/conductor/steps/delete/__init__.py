# SPDX-License-Identifier: Apache-2.0
"""The step of a job that deletes a backup."""
