# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Options of the modules that change the whole fleet."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  checks:
    description:
      - What must hold before a commit is confirmed; M(hubspoke.srx.nhtb_verify) says what each means.
    type: list
    elements: str
    choices:
      - ike
      - ike_algorithms
      - ipsec
      - ipsec_algorithms
      - lifetimes
      - monitoring
      - next_hop_tunnels
      - pings
      - proxy_identities
      - routes
      - statistics
    default: [ike, ipsec, next_hop_tunnels, routes]
  verify_settle:
    description: Seconds between the commit and the first question, so that old associations are gone by then.
    type: float
    default: 3
  lock_wait:
    description:
      - Seconds to wait while another user has the configuration locked. After that the run ends, and names who has it.
    type: float
    default: 30
  on_failure:
    description:
      - What one failure does to the rest. With V(all) everything is rolled back. With V(site) a failed spoke is left
        out and rolled back, its part on the hub stays as it was before, and the rest is confirmed.
      - A failure of the hub rolls back everything in any case.
    type: str
    choices: [all, site]
    default: all
  max_failures:
    description: With O(on_failure=site), how many spokes of one transaction may be left out.
    type: int
    default: 1
  tolerate_unreachable:
    description: How many spokes may be out of reach without being a failure.
    type: int
    default: 0
  ticket:
    description: A change ticket for the comments of the commits. Letters, digits and C(._/#-), 40 at most.
    type: str
"""
