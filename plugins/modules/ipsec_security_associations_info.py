#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ipsec_security_associations_info
short_description: Read the IPsec security associations of an SRX
description:
  - Answers the tunnels of C(show security ipsec security-associations), by RPC
    C(get-security-associations-information), each with its security associations (two, four while rekeying).
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  level:
    description: Only the V(detail) reply names the VPN and the C(st0) unit.
    type: str
    choices: [brief, detail]
    default: detail
  raw:
    description: Also answer the whole reply as plain data in RV(raw).
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.ike_security_associations_info
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Phase 2 with every peer
  hubspoke.srx.ipsec_security_associations_info:
  register: ipsec

- name: Every tunnel has both directions
  ansible.builtin.assert:
    that: item.security_associations | map(attribute='direction') | unique | length == 2
  loop: "{{ ipsec.tunnels }}"
"""

RETURN = r"""
tunnels:
  description: One entry per tunnel that has security associations.
  returned: success
  type: list
  elements: dict
  sample:
    - bind_interface: st0.0
      ike_version: IKEv2
      local_gateway: 1.1.1.2
      local_identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)
      node: null
      pfs_group: DH-group-19
      port: 500
      remote_gateway: 3.3.3.2
      remote_identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)
      security_associations:
        - authentication_algorithm: null
          direction: inbound
          encryption_algorithm: aes-gcm (256 bits)
          lifetime_seconds: 3011
          monitoring: "-"
          protocol: ESP
          soft_lifetime_seconds: 2410
          spi: 09b2c7ae
          state: installed
      state: up
      tunnel_index: 131073
      vpn: westford-vpn
  contains:
    tunnel_index:
      description: Index of the tunnel.
      type: int
    vpn:
      description: Name of the VPN.
      type: str
    bind_interface:
      description: The C(st0) unit the VPN is bound to.
      type: str
    remote_gateway:
      description: Address of the peer.
      type: str
    security_associations:
      description: One entry per direction and pair; C(spi) has eight hexadecimal digits, lifetimes are in seconds.
      type: list
      elements: dict
source:
  description: Whether V(xml) or V(text) was read.
  returned: success
  type: str
  sample: xml
notes:
  description: What looked odd in the reply, for example a count that does not fit the rows.
  returned: success
  type: list
  elements: str
  sample: []
raw:
  description: The whole reply as plain data.
  returned: when O(raw=true)
  type: dict
"""
