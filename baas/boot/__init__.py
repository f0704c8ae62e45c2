# SPDX-License-Identifier: Apache-2.0
"""How a blank machine gets its rescue system: one driver a method."""
