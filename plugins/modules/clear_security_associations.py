#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/clear.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: clear_security_associations
short_description: Clear the security associations of one peer or one VPN of an SRX
version_added: 1.0.0
description:
  - Ends the associations of exactly one peer or one VPN, by RPCs C(clear-ike-security-association) with the peer's
    address and C(clear-ipsec-security-association) with the index of a tunnel.
  - Exactly one of O(peer_address) and O(vpn) has to be given, and it must not be empty. Without either Junos clears all
    tunnels of the device, so the module refuses that before anything is sent.
  - A peer or VPN without associations is no failure, and nothing changes. One that has neither associations nor a
    configuration on the device is an error, which names those that have.
  - A tunnel with C(establish-tunnels immediately) comes up again at once, and one whose peer starts it as well.
    RV(after) has the associations after the clearing.
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
      - IP address of the peer. Phase 1 with it is cleared, and phase 2 of all tunnels to it.
    type: str
  vpn:
    description:
      - Name of the VPN. Its phase 2 is cleared.
      - Phase 1 with its peer is cleared too, unless another VPN of the device has the same peer. Then it stays, and
        RV(notes) says so.
    type: str
  phase:
    description:
      - Which phase to clear. With IKEv2, phase 2 ends with its phase 1 in any case.
    type: str
    choices: [ike, ipsec, both]
    default: both
seealso:
  - module: hubspoke.srx.ike_security_associations_info
  - module: hubspoke.srx.ipsec_security_associations_info
  - module: hubspoke.srx.troubleshoot
"""

EXAMPLES = r"""
- name: Negotiate the tunnel to Westford anew
  hubspoke.srx.clear_security_associations:
    vpn: westford-vpn

- name: Clear both phases with one peer
  hubspoke.srx.clear_security_associations:
    peer_address: 198.51.100.2
  register: reset

- name: Assert that an association is new
  ansible.builtin.assert:
    that: reset.after | selectattr('new') | list
"""

RETURN = r"""
msg:
  description: Result in a sentence.
  returned: always
  type: str
  sample: "hub: VPN oslo-vpn: cleared 1 of phase 1 and 1 of phase 2; 1 of phase 1 and 1 of phase 2 up anew"
cleared:
  description:
    - Associations that were cleared, or would be in check mode; phase 1 first, one entry per tunnel in phase 2.
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
  description: Associations of the same peer or VPN after that. In check mode, the present ones.
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
      description: Whether it was negotiated after the clearing.
      type: bool
notes:
  description: Associations that were not cleared, and why.
  returned: success
  type: list
  elements: str
  sample: []
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_argument) or V(rejected).
  returned: failure
  type: str
  sample: bad_argument
"""
