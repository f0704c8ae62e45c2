# SPDX-License-Identifier: Apache-2.0
"""The API explains itself: a page for people, examples, ways to fail."""
