#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: next_hop_tunnels_info
short_description: Read the next-hop tunnel bindings of an SRX
version_added: 1.0.0
description:
  - Returns the rows of C(show security ipsec next-hop-tunnels), the table of the VPN through which a hub reaches each
    next hop behind its multipoint C(st0) unit.
  - The module requests the table as text, since its XML elements are not published. Where a device replies with XML all
    the same, the module reads that. RV(source) says which.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  raw:
    description: Whether to return the whole reply as plain data in RV(raw) too.
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.ipsec_security_associations_info
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Read the bindings
  hubspoke.srx.next_hop_tunnels_info:
  register: bindings

- name: Assert that the hub has a binding for Sunnyvale
  ansible.builtin.assert:
    that: "'10.11.11.11' in bindings.next_hop_tunnels | map(attribute='next_hop')"
"""

RETURN = r"""
next_hop_tunnels:
  description: One entry per row; empty where the device has no binding, as on a spoke.
  returned: success
  type: list
  elements: dict
  sample:
    - flag: Static
      interface: st0.0
      next_hop: 10.1.255.2
      node: null
      vpn: oslo-vpn
    - flag: Auto
      interface: st0.0
      next_hop: 10.1.255.3
      node: null
      vpn: lima-vpn
  contains:
    next_hop:
      description: Tunnel address of the peer.
      type: str
    interface:
      description: The C(st0) unit.
      type: str
    vpn:
      description: Name of the VPN.
      type: str
    flag:
      description: V(Static) for a configured binding, V(Auto) for one learned from a Junos peer.
      type: str
    node:
      description: Node of a chassis cluster that replied; none on a single device.
      type: str
source:
  description: Form of the reply, V(xml) or V(text).
  returned: success
  type: str
  sample: text
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
