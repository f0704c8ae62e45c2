# SPDX-License-Identifier: Apache-2.0
"""Runs playbooks; the only package that knows ansible_runner."""
import os
import pathlib
import sys


def search_path():
    """Give the PATH in which ansible_runner finds Ansible: the one that was
    installed beside our Python comes first, whoever has started the service.
    """
    return (f'{pathlib.Path(sys.executable).parent}:'
            f'{os.environ.get("PATH", "/usr/bin:/bin")}')
