# SPDX-License-Identifier: Apache-2.0
"""Services are stopped or frozen, and always come back."""
