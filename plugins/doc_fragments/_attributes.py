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
    description: Can run in check mode and says what it would do, without changing the target.
  diff_mode:
    description: Answers what changed, or would change, in diff mode.
  idempotent:
    description: Run a second time with the same input it changes nothing.
  platform:
    description: What the module speaks to.
  action_group:
    description: Use C(group/hubspoke.srx.srx) in C(module_defaults) to set options for all modules of this collection.
    support: full
    membership: [hubspoke.srx.srx]
"""

    # For modules that only ask.
    ASKS = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: It only asks.
  diff_mode:
    support: N/A
    details: It only asks.
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos
"""
