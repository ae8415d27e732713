#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: clear_security_associations
short_description: Clear the security associations of one peer or one VPN of an SRX
description:
  - Ends the associations of exactly one peer or one VPN, by RPCs C(clear-ike-security-association) with the peer's
    address and C(clear-ipsec-security-association) with the index of a tunnel.
  - Exactly one of O(peer_address) and O(vpn) has to be given, and an empty one is not. Without either Junos clears the
    tunnels of everybody, so that is refused before anything is sent.
  - A peer or VPN that has nothing up is no failure, and nothing changes. One that is neither up nor configured on the
    device is an error, which names those that are.
  - A tunnel with C(establish-tunnels immediately) comes up again at once, and one whose peer starts it as well. What is
    up after the clearing is in RV(after).
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details: What is up again by the next run is cleared again.
  platform:
    support: full
    platforms: junos
options:
  peer_address:
    description:
      - IP address of the peer. Phase 1 with it goes, and phase 2 of all tunnels to it.
    type: str
  vpn:
    description:
      - Name of the VPN. Its phase 2 goes.
      - Phase 1 with its peer goes too, unless another VPN of the device has the same peer. Then it stays, and RV(notes)
        says so.
    type: str
  phase:
    description:
      - Which phase to clear. With IKEv2, phase 2 goes with its phase 1 in any case.
    type: str
    choices: [ike, ipsec, both]
    default: both
seealso:
  - module: hubspoke.srx.ike_security_associations_info
  - module: hubspoke.srx.ipsec_security_associations_info
  - module: hubspoke.srx.troubleshoot
"""

EXAMPLES = r"""
- name: A new start for the tunnel to Westford
  hubspoke.srx.clear_security_associations:
    vpn: westford-vpn

- name: Everything with one peer
  hubspoke.srx.clear_security_associations:
    peer_address: 198.51.100.2
  register: reset

- name: It has come up anew
  ansible.builtin.assert:
    that: reset.after | selectattr('new') | list
"""

RETURN = r"""
msg:
  description: What was done, in a sentence.
  returned: always
  type: str
  sample: "hub: VPN oslo-vpn: cleared 1 of phase 1 and 1 of phase 2; 1 of phase 1 and 1 of phase 2 up anew"
cleared:
  description: What was cleared, or would be in check mode; phase 1 first, one entry per tunnel in phase 2.
  returned: success
  type: list
  elements: dict
  sample:
    - index: 5120483
      phase: ike
      remote_address: 198.51.100.2
      vpn: null
    - index: 131073
      phase: ipsec
      remote_address: 198.51.100.2
      vpn: oslo-vpn
  contains:
    phase:
      description: V(ike) for phase 1, V(ipsec) for phase 2.
      type: str
    index:
      description: Index of the phase 1 association, or of the tunnel.
      type: int
    remote_address:
      description: Address of the peer.
      type: str
    vpn:
      description: Name of the VPN; none for phase 1, which belongs to a peer.
      type: str
after:
  description: What the same peer or VPN has up after that. In check mode, what it has now.
  returned: success
  type: list
  elements: dict
  sample:
    - index: 5120484
      new: true
      phase: ike
      remote_address: 198.51.100.2
      vpn: null
    - index: 131073
      new: true
      phase: ipsec
      remote_address: 198.51.100.2
      vpn: oslo-vpn
  contains:
    phase:
      description: V(ike) for phase 1, V(ipsec) for phase 2.
      type: str
    index:
      description: Index of the phase 1 association, or of the tunnel, which keeps it.
      type: int
    remote_address:
      description: Address of the peer.
      type: str
    vpn:
      description: Name of the VPN; none for phase 1.
      type: str
    new:
      description: Whether it has come up since. What is not new was not to be cleared.
      type: bool
notes:
  description: What was left as it is, and why.
  returned: success
  type: list
  elements: str
  sample: []
reason:
  description: A word for the kind of error, to be tested by playbooks, as V(bad_argument) or V(rejected).
  returned: failure
  type: str
  sample: bad_argument
"""
