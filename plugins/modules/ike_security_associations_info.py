#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: ike_security_associations_info
short_description: Read the IKE security associations of an SRX
version_added: 1.0.0
description:
  - Returns the entries of C(show security ike security-associations), by RPC
    C(get-ike-security-associations-information).
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  level:
    description: Only the V(detail) reply names the gateway, the role and the algorithms.
    type: str
    choices: [brief, detail]
    default: detail
  peer_address:
    description: Return only the associations with the peer at this address.
    type: str
  raw:
    description: Whether to return the whole reply as plain data in RV(raw) too.
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.ipsec_security_associations_info
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Read phase 1 with every peer
  hubspoke.srx.ike_security_associations_info:
  register: ike

- name: Read phase 1 with Westford
  hubspoke.srx.ike_security_associations_info:
    peer_address: 3.3.3.2
  register: westford

- name: Assert that it is up
  ansible.builtin.assert:
    that: "'UP' in westford.security_associations | map(attribute='state')"
"""

RETURN = r"""
security_associations:
  description: One entry per security association; fields that only the detail reply has are none in a brief one.
  returned: success
  type: list
  elements: dict
  sample:
    - authentication_algorithm: hmac-sha256-128
      authentication_method: Pre-shared-keys
      dh_group: DH-group-19
      encryption_algorithm: aes256-cbc
      exchange_type: IKEv2
      gateway: oslo-gate
      index: 4711001
      initiator_cookie: 0123456789abcdef
      lifetime_seconds: 28111
      local_address: 192.0.2.2
      local_port: 4500
      node: null
      peer_identity: null
      prf_algorithm: hmac-sha256
      remote_address: 198.51.100.2
      remote_port: 4500
      responder_cookie: fedcba9876543210
      role: initiator
      state: UP
  contains:
    index:
      description: Index of the association.
      type: int
    remote_address:
      description: Address of the peer.
      type: str
    state:
      description: V(UP) or V(DOWN).
      type: str
    initiator_cookie:
      description: Cookie (in IKEv2, SPI) of the side that began, sixteen hexadecimal digits.
      type: str
    responder_cookie:
      description: Cookie (in IKEv2, SPI) of the side that replied; zeros while it has not.
      type: str
    exchange_type:
      description: V(Main), V(Aggressive) or V(IKEv2).
      type: str
    gateway:
      description: Name of the gateway.
      type: str
    role:
      description: Whether this device was V(initiator) or V(responder).
      type: str
    local_address:
      description: Address of this device.
      type: str
    local_port:
      description: UDP port of this device, V(4500) where there is a NAT between the peers.
      type: int
    remote_port:
      description: UDP port of the peer.
      type: int
    lifetime_seconds:
      description: Remaining lifetime in seconds.
      type: int
    authentication_method:
      description: How the peers authenticate, for example V(Pre-shared-keys).
      type: str
    authentication_algorithm:
      description: Algorithm of message integrity, in the words of the release.
      type: str
    encryption_algorithm:
      description: Algorithm of encryption, in the words of the release.
      type: str
    prf_algorithm:
      description: Pseudo random function.
      type: str
    dh_group:
      description: Diffie-Hellman group, for example V(DH-group-19).
      type: str
    peer_identity:
      description: The identity that the peer has sent, as the device prints it.
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
