# SPDX-License-Identifier: Apache-2.0
"""Runs playbooks; the only package that knows ansible_runner."""
import os
import pathlib
import sys

# ansible_runner looks for Ansible in PATH: the one that was installed beside
# our Python comes first, whoever has started the service.
os.environ['PATH'] = (f'{pathlib.Path(sys.executable).parent}:'
                      f'{os.environ.get("PATH", "/usr/bin:/bin")}')
