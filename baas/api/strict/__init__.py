# SPDX-License-Identifier: Apache-2.0
"""What libraries take that HTTP does not have, or take for something else:
here it is read to the letter, or refused."""
