# SPDX-License-Identifier: Apache-2.0
"""The files that a program has its configuration from."""
import glob
import os

from oslo_config import cfg


def of(conf):
    """Give the files that were read (list of str), in their order."""
    found = [str(path) for path in conf.config_file or ()]
    for folder in conf.config_dir or ():
        found += sorted(glob.glob(os.path.join(folder, '*.conf')))
    return found


def parsed(path):
    """Give what a file says, as {section: {option: list of values}}."""
    sections = {}
    cfg.ConfigParser(path, sections).parse()
    return sections
