# SPDX-License-Identifier: Apache-2.0
"""Something that the review of an inventory has found."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or that somebody may want to know.

    :ivar cause: one sentence that names what it is about, without its dot.
    :ivar hint: what to do, likewise.
    :ivar is_wrong: False for what does not keep backups from being taken.
    """
    cause: str
    hint: str
    is_wrong: bool = True
