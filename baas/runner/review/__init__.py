# SPDX-License-Identifier: Apache-2.0
"""Says what an inventory means for the service, and what is wrong with it."""
