# SPDX-License-Identifier: Apache-2.0
"""Why a job ends that none of its nodes has made fail."""
