#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/nhtb_verify.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: nhtb_verify
short_description: Verify that the VPN of the inventory works, without changing it
version_added: 1.0.0
description:
  - Plans the inventory groups C(nhtb_hubs) and C(nhtb_spokes) once, queries every Junos device of the play about its
    tunnels, and compares the plan with the replies.
  - Checks that IKE is up with every peer, that every VPN has a pair of IPsec security associations bound to the right
    C(st0) unit, that the hub has one next-hop tunnel binding per spoke with the right VPN and flag, that a spoke has
    none, that the route to every remote LAN is active through C(st0), and what else O(checks) names.
  - Nothing is committed. The checks read, apart from two. V(pings) sends ICMP echo requests. V(configuration) opens a
    private candidate on each device, loads the planned group into it, compares, and discards it; it locks out no other
    user, but Junos refuses it while the shared candidate is locked or has changes.
  - One finding per host, check and object, in one of four states. V(unknown) (refused, not understood) is not
    V(failed).
  - Repeats the queries until the tunnels are verified or O(verify_timeout) ends. Runs once for the play. The findings
    of every host are for M(hubspoke.srx.outcome), which is the next task.
  - Where spokes are in the play, the hub is queried about their tunnels, also where the play is limited to them.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.report
  - hubspoke.srx._fleet.sessions
  - hubspoke.srx._fleet.samples
  - hubspoke.srx._fleet.pings
  - hubspoke.srx._fleet.verification
options:
  artifacts_dir:
    description:
      - Folder of the runs. Each writes a folder of its own in it, named after its start, with C(report.json).
        In check mode too.
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
      - Names of the checks. V(ike) and V(ipsec) verify that the associations are there; V(ike_algorithms),
        V(ipsec_algorithms), V(proxy_identities), V(lifetimes) and V(monitoring) that they are as planned.
      - V(next_hop_tunnels) and V(routes) verify that traffic is sent into the right tunnel. More than eight routes of
        a tunnel are one finding, which names those that are not as planned.
      - V(leak) verifies that packets for networks behind the VPN do not leave in clear through the WAN zone, whether
        the tunnels are up or down. It asks the device which policy decides about them, for at most 16 networks per
        zone, and reads the configuration where that does not tell. Skipped where C(nhtb_fail_closed=false).
      - V(policies) verifies which policy decides about packets into and out of the tunnels, one for each planned
        policy and application, and some between further networks. It asks the device and sends no packet.
      - V(internet_exit) verifies the way to the Internet through the hub, C(nhtb_internet_exit=hub). On a spoke the
        route to the hub by the provider is active; at the hub a policy and source NAT let the traffic of spokes out,
        asked for at most 16 networks. Other devices have nothing of it to verify.
      - V(pings) verifies that an address in every remote LAN answers the device's own LAN interface, between hub and
        spokes and from spoke to spoke, see O(pings). Skipped where the planned policies deny them.
      - V(statistics) verifies that no error counter rises while they are sent.
      - V(configuration) verifies that the device's group is the planned one.
    type: list
    elements: str
    choices:
      - configuration
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
    default:
      - configuration
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
notes:
  - The variable of O(checks) is C(nhtb_verify_checks).
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.report
  - module: hubspoke.srx.next_hop_tunnels_info
"""

EXAMPLES = r"""
- name: Verify the VPN
  hubspoke.srx.nhtb_verify:
  register: fleet
  run_once: true

- name: Give each host its outcome
  hubspoke.srx.outcome:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: when a run has begun
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: Result for the fleet, in a sentence.
  returned: when a run has begun
  type: str
  sample: "Verified. Hosts: 2 unchanged, 1 skipped; 44 of 44 checks ok, 0 failed, 0 unknown."
digest:
  description: Always empty. M(hubspoke.srx.transaction) has one.
  returned: when a run has begun
  type: str
  sample: ""
summary:
  description: Number of hosts and of findings, each by state.
  returned: when a run has begun
  type: dict
  sample:
    hosts:
      confirmed: 0
      unchanged: 2
      would_change: 0
      rolled_back: 0
      skipped: 1
      failed: 0
      pending: 0
      unknown: 0
    findings:
      ok: 39
      failed: 0
      unknown: 0
      skipped: 0
    tunnels:
      up: 2
      down: 0
      unknown: 0
      not_checked: 0
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_inventory
"""
