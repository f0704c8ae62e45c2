# SPDX-License-Identifier: Apache-2.0
"""The page of the API in a browser: Chromium, without a window."""
