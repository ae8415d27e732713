#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nhtb_verify
short_description: Verify that the VPN of the inventory works, without changing anything
description:
  - Plans the inventory groups C(nhtb_hubs) and C(nhtb_spokes) once, asks every Junos device of the play about its
    tunnels, and joins what the plan expects with what the devices answer.
  - Checks that IKE is up with every peer, that every VPN has a pair of IPsec security associations bound to the right
    C(st0) unit, that the hub has one next-hop tunnel binding per spoke with the right VPN and flag, that a spoke has
    none, that the route to every remote LAN is active through C(st0), and what else O(checks) names.
  - One finding per host, check and object, in one of four states. V(unknown) (refused, not understood) is not
    V(failed).
  - Retries until the tunnels are verified or the time is up. Runs once for the play and leaves every host's findings
    for M(hubspoke.srx.outcome).
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
  - hubspoke.srx._fleet
options:
  checks:
    description:
      - What to look at. V(ike) and V(ipsec), whether the associations are there; V(ike_algorithms),
        V(ipsec_algorithms), V(proxy_identities), V(lifetimes) and V(monitoring), whether they are as planned.
      - V(next_hop_tunnels) and V(routes), whether traffic is sent into the right tunnel.
      - V(pings), whether an address in every remote LAN answers the device's own LAN interface, between hub and spokes
        and from spoke to spoke.
      - V(statistics), whether no error counter rises while they are sent.
      - V(configuration), whether the device's group is the planned one, compared on a private candidate.
    type: list
    elements: str
    choices:
      - configuration
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
    default:
      - configuration
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
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.report
  - module: hubspoke.srx.next_hop_tunnels_info
"""

EXAMPLES = r"""
- name: Does the VPN work
  hubspoke.srx.nhtb_verify:
  register: fleet
  run_once: true

- name: What was found on this host
  hubspoke.srx.outcome:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: success
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: What was found in the fleet, in a sentence.
  returned: success
  type: str
  sample: verified on 2 of 2 devices
summary:
  description: Number of hosts by state.
  returned: success
  type: dict
  sample:
    skipped: 1
    unchanged: 2
reason:
  description: A word for the kind of error, to be tested by playbooks.
  returned: failure
  type: str
  sample: bad_inventory
"""
