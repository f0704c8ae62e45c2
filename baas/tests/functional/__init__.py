# SPDX-License-Identifier: Apache-2.0
"""The real application over HTTP."""
