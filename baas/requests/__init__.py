# SPDX-License-Identifier: Apache-2.0
"""A request becomes a job, and the conductors hear of it."""
