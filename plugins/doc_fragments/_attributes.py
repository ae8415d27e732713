# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Attributes that modules document."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and reports what it would do, without changing the target.
  diff_mode:
    description: Returns what changed, or would change, in diff mode.
  idempotent:
    description: A second run with the same input changes nothing.
  platform:
    description: Kind of devices that the module works with.
  action_group:
    description: Use C(group/hubspoke.srx.srx) in C(module_defaults) to set options for all modules of this collection.
    support: full
    membership: [hubspoke.srx.srx]
"""

    # For modules that change nothing.
    ASKS = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: It changes nothing.
  diff_mode:
    support: N/A
    details: It changes nothing.
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos
"""
