# SPDX-License-Identifier: Apache-2.0
"""Runs playbooks; the only package that knows ansible_runner."""
