# SPDX-License-Identifier: Apache-2.0
"""The examples of the document of the API, recorded from the application."""
