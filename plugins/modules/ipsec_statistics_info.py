#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: ipsec_statistics_info
short_description: Read the IPsec counters of an SRX
version_added: 1.0.0
description:
  - Returns the counters of C(show security ipsec statistics), by RPC C(get-ipsec-statistics-information), of all
    tunnels together or of one.
  - A single value of a counter says little. Read twice and compare, as M(hubspoke.srx.nhtb_verify) does.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  tunnel_index:
    description:
      - Return only the counters of the tunnel with this index.
      - M(hubspoke.srx.ipsec_security_associations_info) returns the indexes.
    type: int
  raw:
    description: Whether to return the whole reply as plain data in RV(raw) too.
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.ipsec_security_associations_info
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Read the counters of all tunnels together
  hubspoke.srx.ipsec_statistics_info:
  register: counters

- name: Read the counters of one tunnel
  hubspoke.srx.ipsec_statistics_info:
    tunnel_index: 131073
"""

RETURN = r"""
statistics:
  description: One entry; on a chassis cluster one per node.
  returned: success
  type: list
  elements: dict
  sample:
    - ah_authentication_failures: 0
      ah_input_bytes: 0
      ah_input_packets: 0
      ah_output_bytes: 0
      ah_output_packets: 0
      bad_headers: 0
      bad_trailers: 0
      discarded: 136
      esp_authentication_failures: 0
      esp_decrypted_bytes: 20
      esp_decrypted_packets: 2
      esp_decryption_failures: 0
      esp_encrypted_bytes: 10
      esp_encrypted_packets: 1
      exceeds_tunnel_mtu: 0
      flow_errors: null
      invalid_spi: 7
      misc_errors: null
      no_sa_errors: null
      node: null
      replay_errors: 0
      ts_check_failures: 129
      tunnel_index: null
  contains:
    esp_encrypted_bytes:
      description: Bytes encrypted.
      type: int
    esp_decrypted_bytes:
      description: Bytes decrypted.
      type: int
    esp_encrypted_packets:
      description: Packets encrypted.
      type: int
    esp_decrypted_packets:
      description: Packets decrypted.
      type: int
    ah_input_bytes:
      description: Bytes received with an authentication header.
      type: int
    ah_output_bytes:
      description: Bytes sent with an authentication header.
      type: int
    ah_input_packets:
      description: Packets received with an authentication header.
      type: int
    ah_output_packets:
      description: Packets sent with an authentication header.
      type: int
    ah_authentication_failures:
      description: Packets whose authentication header did not fit.
      type: int
    replay_errors:
      description: Packets received twice or far too late.
      type: int
    esp_authentication_failures:
      description: Packets whose integrity check failed.
      type: int
    esp_decryption_failures:
      description: Packets that did not decrypt.
      type: int
    bad_headers:
      description: Packets with a damaged header.
      type: int
    bad_trailers:
      description: Packets with a damaged trailer.
      type: int
    invalid_spi:
      description: Packets of an unknown security association; none where the release does not count them.
      type: int
    ts_check_failures:
      description: Packets outside the traffic selectors; none where the release does not count them.
      type: int
    exceeds_tunnel_mtu:
      description: Packets too large for the tunnel; none where the release does not count them.
      type: int
    discarded:
      description: Packets discarded for any of these reasons; none where the release does not count them.
      type: int
    misc_errors:
      description: Packets with any other error; none where the release does not count them.
      type: int
    flow_errors:
      description: Packets that the flow module refused; none where the release does not count them.
      type: int
    no_sa_errors:
      description: Packets without a security association; none where the release does not count them.
      type: int
    node:
      description: Node of a chassis cluster that replied; none on a single device.
      type: str
    tunnel_index:
      description: The O(tunnel_index) of the task; none for all tunnels together.
      type: int
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
