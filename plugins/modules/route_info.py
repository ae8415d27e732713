#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: route_info
short_description: Read routes of an SRX
version_added: 1.0.0
description:
  - Returns the entries of C(show route), by RPC C(get-route-information), one per next hop.
  - A route that is configured and has no usable next hop is not in the table.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  destination:
    description:
      - For an address the route that its packets take is returned, for a network its own route and those within it.
      - Without one the whole table is returned, which may be long.
    type: str
  table:
    description: Name of the table, for example V(inet.0).
    type: str
  protocol:
    description: Return only routes of this protocol, for example V(static) or V(direct).
    type: str
  raw:
    description: Whether to return the whole reply as plain data in RV(raw) too.
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.next_hop_tunnels_info
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Read the route to Westford's LAN
  hubspoke.srx.route_info:
    destination: 192.168.178.0/24
  register: way

- name: Assert that it is through the tunnel
  ansible.builtin.assert:
    that: way.routes | selectattr('active') | map(attribute='via') | list == ['st0.0']
"""

RETURN = r"""
routes:
  description: One entry per next hop of each route; empty where there is no such route.
  returned: success
  type: list
  elements: dict
  sample:
    - active: true
      destination: 10.1.2.0/24
      next_hop: 10.1.255.2
      next_hop_type: null
      next_table: null
      node: null
      preference: 5
      protocol: Static
      table: inet.0
      via: st0.0
    - active: false
      destination: 10.1.3.0/24
      next_hop: null
      next_hop_type: Discard
      next_table: null
      node: null
      preference: 5
      protocol: Static
      table: inet.0
      via: null
  contains:
    table:
      description: Name of the table.
      type: str
    destination:
      description: The network, with its prefix length.
      type: str
    active:
      description: Whether packets take this route.
      type: bool
    protocol:
      description: Origin of the route, for example V(Static), V(Direct) or V(OSPF).
      type: str
    preference:
      description: Route preference, the lower the better; none where the reply has none.
      type: int
    next_hop:
      description: Address of the next hop; none where the route has an interface only, or neither.
      type: str
    via:
      description: Logical interface of the next hop; none where the route has none.
      type: str
    next_hop_type:
      description:
        - Type of a route without a next hop, for example V(Reject), V(Discard), V(Local), or V(Table) where the lookup
          goes on in RV(routes[].next_table); none with one.
      type: str
    next_table:
      description: Table in which the lookup goes on, for example V(inet.0); none where the route has none.
      type: str
    node:
      description: Node of a chassis cluster that replied; none on a single device.
      type: str
source:
  description: Form of the reply, V(xml) or V(text).
  returned: success
  type: str
  sample: xml
notes:
  description: Oddities of the reply.
  returned: success
  type: list
  elements: str
  sample: []
raw:
  description: The whole reply as plain data.
  returned: when O(raw=true)
  type: dict
reason:
  description: Kind of the error, for conditions in playbooks, as in V(unreachable), V(refused) or V(unexpected_reply).
  returned: failure
  type: str
  sample: unreachable
"""
