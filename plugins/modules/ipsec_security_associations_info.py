#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: ipsec_security_associations_info
short_description: Read the IPsec security associations of an SRX
version_added: 1.0.0
description:
  - Returns the tunnels of C(show security ipsec security-associations), by RPC
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
  vpn:
    description: Return only the tunnels of the VPN of this name.
    type: str
  raw:
    description: Whether to return the whole reply as plain data in RV(raw) too.
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.ike_security_associations_info
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Read phase 2 with every peer
  hubspoke.srx.ipsec_security_associations_info:
  register: ipsec

- name: Assert that every tunnel has both directions
  ansible.builtin.assert:
    that: item.security_associations | map(attribute='direction') | unique | length == 2
  loop: "{{ ipsec.tunnels }}"
"""

RETURN = r"""
tunnels:
  description: One entry per tunnel that has security associations; fields that a reply lacks are none.
  returned: success
  type: list
  elements: dict
  sample:
    - bind_interface: st0.0
      events:
        - count: 4
          sequence: null
          text: IPSec SA negotiation successfully completed
          time: Mon Mar 02 2026 10:11:12
        - count: 1
          sequence: null
          text: IKE SA negotiation successfully completed
          time: Mon Mar 02 2026 10:11:11
        - count: 2
          sequence: null
          text: Tunnel configuration changed
          time: Mon Mar 02 2026 10:11:10
      ike_version: IKEv2
      local_gateway: 192.0.2.2
      local_identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)
      node: null
      pfs_group: DH-group-19
      port: 4500
      remote_gateway: 198.51.100.2
      remote_identity: ipv4_subnet(any:0,[0..7]=0.0.0.0/0)
      security_associations:
        - authentication_algorithm: None
          direction: inbound
          encryption_algorithm: aes-gcm (256 bits)
          lifetime_kilobytes: null
          lifetime_seconds: 3179
          monitoring: "-"
          protocol: ESP
          soft_lifetime_seconds: 2559
          spi: "0a1b2c3d"
          state: installed
        - authentication_algorithm: None
          direction: outbound
          encryption_algorithm: aes-gcm (256 bits)
          lifetime_kilobytes: null
          lifetime_seconds: 3179
          monitoring: "-"
          protocol: ESP
          soft_lifetime_seconds: null
          spi: "4e5f6071"
          state: installed
      state: up
      tunnel_index: 131073
      vpn: oslo-vpn
  contains:
    tunnel_index:
      description: Index of the tunnel; none only in the detail text of Junos 9, which has none.
      type: int
    remote_gateway:
      description: Address of the peer.
      type: str
    security_associations:
      description: One entry per direction and pair, so two, and four while the keys are being renewed.
      type: list
      elements: dict
      contains:
        direction:
          description: V(inbound) or V(outbound).
          type: str
        spi:
          description: Security parameter index, eight lower-case hexadecimal digits.
          type: str
        protocol:
          description: V(ESP) or V(AH).
          type: str
        encryption_algorithm:
          description: Algorithm of encryption, in the words of the release.
          type: str
        authentication_algorithm:
          description: Algorithm of integrity, in the words of the release.
          type: str
        lifetime_seconds:
          description: Remaining lifetime in seconds.
          type: int
        soft_lifetime_seconds:
          description: Seconds until the keys are renewed; none once that is due.
          type: int
        lifetime_kilobytes:
          description: Remaining lifetime in kilobytes; none without a limit.
          type: int
        monitoring:
          description: State of VPN monitoring, V(UP) or V(DOWN), and V(-) where it is not configured.
          type: str
        state:
          description: State of the association, for example V(installed).
          type: str
    state:
      description: State of the tunnel, for example V(up).
      type: str
    vpn:
      description: Name of the VPN.
      type: str
    bind_interface:
      description: The C(st0) unit the VPN is bound to.
      type: str
    local_gateway:
      description: Address of this device.
      type: str
    local_identity:
      description: Local traffic selector or proxy identity, in the device's words.
      type: str
    remote_identity:
      description: Remote traffic selector or proxy identity, in the device's words.
      type: str
    ike_version:
      description: V(IKEv1) or V(IKEv2).
      type: str
    port:
      description: UDP port of IKE, V(4500) where there is a NAT between the peers.
      type: int
    pfs_group:
      description: Diffie-Hellman group of perfect forward secrecy.
      type: str
    events:
      description: Events of the tunnel, the latest first.
      type: list
      elements: dict
      contains:
        time:
          description: Time of the latest such event, in the device's words.
          type: str
        text:
          description: Event in the device's words.
          type: str
        count:
          description: Number of such events.
          type: int
        sequence:
          description:
            - Mark of iked for events that recur together, V(START) for the first and V(END) for the last of them; none
              for any other event.
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
