# SPDX-License-Identifier: Apache-2.0
"""Version 1 of the API: the file of a URL has the URL's name."""
