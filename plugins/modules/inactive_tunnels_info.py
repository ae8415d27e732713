#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: inactive_tunnels_info
short_description: Read which VPN tunnels of an SRX are down, and why
version_added: 1.0.0
description:
  - Returns the rows of C(show security ipsec inactive-tunnels), by RPC C(get-inactive-tunnels).
  - The device lists tunnels that are configured and have no IPsec security association. A peer that is missing in its
    configuration is missing here too; M(hubspoke.srx.nhtb_verify) compares with the plan.
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
- name: Read the tunnels that are down
  hubspoke.srx.inactive_tunnels_info:
  register: inactive

- name: Show the reasons
  ansible.builtin.debug:
    msg: "{{ item.remote_gateway }}: {{ item.reason }}"
  loop: "{{ inactive.tunnels }}"
"""

RETURN = r"""
tunnels:
  description: One entry per tunnel that is down; empty where all are up.
  returned: success
  type: list
  elements: dict
  sample:
    - node: null
      pending_sas: 1
      port: 500
      reason: No response from peer. Negotiation failed
      remote_gateway: 198.51.100.2
      times: 3
      tunnel_index: 131073
      vpn: oslo-vpn
  contains:
    tunnel_index:
      description: Index of the tunnel.
      type: int
    remote_gateway:
      description: Address of the peer.
      type: str
    port:
      description: UDP port of IKE, V(4500) behind a NAT.
      type: int
    pending_sas:
      description: Security associations under negotiation.
      type: int
    reason:
      description: Reason in the device's words.
      type: str
    times:
      description: How often that has happened; none where the reply does not count it.
      type: int
    vpn:
      description: Name of the VPN; none where the reply has no names, as in its text form.
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
  description: Oddities of the reply, for example a count that does not fit the rows.
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
