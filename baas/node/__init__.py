# SPDX-License-Identifier: Apache-2.0
"""The program that runs on the nodes: it stands alone, on any Python 3.6.

Undo is by record, not by assumption: what is pending is on disk before a thing
is done, and the verbs, the dead-man and an operator's hands share the journal.
"""
