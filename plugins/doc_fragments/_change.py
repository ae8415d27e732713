# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""Options of the modules that change the whole fleet."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  artifacts_dir:
    description:
      - Folder of the runs. Each writes a folder of its own in it, named after its start, with C(report.json),
        the differences and the rendered configurations, in which placeholders stand for the keys. In check mode too.
      - The symbolic link C(latest) in it points to the newest one. Only the owner of the files can read them.
    type: path
    default: artifacts
  artifacts_keep:
    description:
      - Run folders in O(artifacts_dir) that stay, 1 to 10000, that of this run among them. Older ones are removed.
    type: int
    default: 20
  checks:
    description:
      - Checks that must be ok before a commit is confirmed; M(hubspoke.srx.nhtb_verify) explains each.
    type: list
    elements: str
    choices:
      - ike
      - ike_algorithms
      - internet_exit
      - ipsec
      - ipsec_algorithms
      - leak
      - lifetimes
      - monitoring
      - next_hop_tunnels
      - pings
      - policies
      - proxy_identities
      - routes
      - statistics
    default: [ike, ipsec, next_hop_tunnels, routes]
  verify_settle:
    description:
      - Seconds between the commit and the first query of the tunnels, at most 3600, so that old associations have
        ended by then.
    type: float
    default: 3
  on_failure:
    description:
      - How one failure affects the other devices. With V(all) every device rolls back.
      - With V(site) a failed spoke is excluded and rolls back, its part of the hub's configuration stays as it was
        before, and the other devices are confirmed. The host still counts as failed. A failure of the hub rolls back
        every device in any case.
    type: str
    choices: [all, site]
    default: all
  max_failures:
    description:
      - With O(on_failure=site), how many spokes of one transaction may be excluded. One more, and every device rolls
        back.
    type: int
    default: 1
  tolerate_unreachable:
    description:
      - How many spokes may be unreachable without being a failure. They are excluded, and their part of the hub's
        configuration stays as it was.
    type: int
    default: 0
  ticket:
    description: A change ticket for the comments of the commits. Letters, digits and C(._/#-), 40 at most.
    type: str
notes:
  - The variable of O(checks) is C(nhtb_deploy_checks).
"""
