# SPDX-License-Identifier: Apache-2.0
"""The API reference in the form of all OpenStack projects, from the document
of the API."""
