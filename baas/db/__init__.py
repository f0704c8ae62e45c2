# SPDX-License-Identifier: Apache-2.0
"""The history: tables, and the questions and changes about each noun."""
