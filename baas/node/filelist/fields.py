# SPDX-License-Identifier: Apache-2.0
"""What each key of an entry of the file list means.

A list has millions of entries, so its keys are letters; an entry is the dict
that its line holds. A key that would say nothing is left out."""

PATH = 'p'
"""Path below the top, without a leading slash; empty for the top itself."""
TYPE = 't'
"""A letter: see :data:`baas.node.filelist.attributes.TYPES`."""
MODE = 'm'
"""Permissions, with the bits of set-user-id, set-group-id and sticky (int)."""
OWNER = 'u'
"""Number of the user."""
GROUP = 'g'
"""Number of the group."""
TIME = 'n'
"""Time of change of the content, in nanoseconds since 1970."""
SIZE = 's'
"""Bytes of a regular file or a symbolic link, 0 of others."""
POINTS_TO = 'l'
"""What a symbolic link points to."""
DEVICE = 'r'
"""Of a device file: [major, minor]."""
INODE = 'i'
"""Of a file with several names: a number that all of them share."""
DISK = 'k'
"""Bytes on disk of a regular file that has holes."""
XATTRS = 'x'
"""Extended attributes, access lists included: {name: hexadecimal value}."""
FLAGS = 'a'
"""Inode flags (int)."""
SHA256 = 'h'
"""Of the content of a regular file, hexadecimal."""
