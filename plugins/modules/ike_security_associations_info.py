#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ike_security_associations_info
short_description: Read the IKE security associations of an SRX
description:
  - Answers the entries of C(show security ike security-associations), by RPC
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
  raw:
    description: Also answer the whole reply as plain data in RV(raw).
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.ipsec_security_associations_info
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Phase 1 with every peer
  hubspoke.srx.ike_security_associations_info:
  register: ike
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
      encryption_algorithm: aes256-gcm
      exchange_type: IKEv2
      gateway: westford-gate
      index: 4127
      initiator_cookie: 3b4a1d9cc8f7e210
      lifetime_seconds: 28410
      local_address: 1.1.1.2
      local_port: 500
      node: null
      prf_algorithm: hmac-sha256
      remote_address: 3.3.3.2
      remote_port: 500
      responder_cookie: 90c1f2ab7d6e5f43
      role: responder
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
    exchange_type:
      description: V(Main), V(Aggressive) or V(IKEv2).
      type: str
    gateway:
      description: Name of the gateway.
      type: str
    role:
      description: V(initiator) or V(responder).
      type: str
    lifetime_seconds:
      description: Seconds left.
      type: int
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
