#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: route_info
short_description: Read routes of an SRX
description:
  - Answers the entries of C(show route), by RPC C(get-route-information), one per next hop.
  - A route that is configured and has no usable next hop is not in the table.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  destination:
    description:
      - An address is answered with the route that its packets take, a network with its own route and those within it.
      - Without one the whole table is answered, which may be long.
    type: str
  table:
    description: Name of the table, for example V(inet.0).
    type: str
  protocol:
    description: Answer only routes of this origin, for example V(static) or V(direct).
    type: str
  raw:
    description: Also answer the whole reply as plain data in RV(raw).
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.next_hop_tunnels_info
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: The way to Westford's LAN
  hubspoke.srx.route_info:
    destination: 192.168.178.0/24
  register: way

- name: It leads into the tunnel
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
      node: null
      preference: 5
      protocol: Static
      table: inet.0
      via: st0.0
    - active: false
      destination: 10.1.3.0/24
      next_hop: null
      next_hop_type: Discard
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
      description: Where the route comes from, for example V(Static), V(Direct) or V(OSPF).
      type: str
    preference:
      description: The lower, the better; none where the reply has none.
      type: int
    next_hop:
      description: Address of the next hop; none where the route points to an interface only, or nowhere.
      type: str
    via:
      description: Logical interface that packets leave by; none where the route points nowhere.
      type: str
    next_hop_type:
      description: How the route ends that has no next hop, for example V(Reject), V(Discard) or V(Local).
      type: str
    node:
      description: Node of a chassis cluster that answered; none on a single device.
      type: str
source:
  description: Whether V(xml) or V(text) was read.
  returned: success
  type: str
  sample: xml
notes:
  description: What looked odd in the reply.
  returned: success
  type: list
  elements: str
  sample: []
raw:
  description: The whole reply as plain data.
  returned: when O(raw=true)
  type: dict
"""
