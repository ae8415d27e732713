#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/ike_log.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: ike_log_info
short_description: Read the log of the IKE daemon of an SRX
version_added: 1.0.0
description:
  - Reads the log files of C(kmd) or C(iked), the rotated ones too, and returns typed events, the oldest first, those of
    failures with the cause and a remedy.
  - Knows the lines of Juniper's document on next-hop tunnel binding, which C(kmd) writes into its trace file, and the
    one-line messages for operators (C(KMD_*), C(IKE_*), C(IKE negotiation ...)).
  - Lines of the daemon that it does not know are counted and returned in RV(unrecognised). Lines of other processes are
    not returned.
  - Junos reports to a peer that is not recognised, or whose proxy identity does not fit, that no proposal was chosen.
    Where the log has the true cause in the same second, all events of that failure have it.
  - A device without any such log is no failure, and RV(notes) says so.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  files:
    description:
      - Names of files in C(/var/log), as C(show log) lists them, the oldest first. It is an error if one is not there.
      - By default the device's V(kmd) and V(iked) with their rotated logs, as V(kmd.0) or V(kmd.1.gz). Where these have
        no entry, V(messages) with its rotated logs.
    type: list
    elements: str
  since:
    description:
      - Events from this time on, in the device's own time, as V(2026-03-12 09:00:00).
      - Entries without a date are kept whatever the time range, and RV(notes) says how many.
    type: str
  until:
    description: Events up to this time, in the device's own time.
    type: str
  last:
    description: Events of the last so many seconds, 1 at least, by the device's own clock. Not together with O(since).
    type: int
  peer_address:
    description: Only events that concern the peer with this address.
    type: str
  vpn:
    description:
      - Only events that concern this VPN.
      - The lines of a trace name no VPN. They count where they are about an address that the log names with this VPN.
    type: str
  kinds:
    description: Only events of these kinds.
    type: list
    elements: str
    choices:
      - phase1_up
      - phase2_up
      - phase1_failed
      - phase2_failed
      - packet
      - negotiation_up
      - negotiation_failed
      - sa_established
      - selector_mismatch
      - vpn_up
      - vpn_down
      - dpd_dead
      - id_validated
      - daemon
  limit:
    description: At most so many events, and so many unrecognised lines, the newest of them. 1 to 1000000.
    type: int
notes:
  - Junos prints no year unless C(system syslog time-format) says so. It is taken from the device's own time, so an
    entry that is more than a year old gets the wrong one.
  - C(kmd) prints the octets of C(remote tunnel-ip) in reverse order. It is not returned; RV(events[].remote_address) is
    the peer's address.
  - C(KMD_VPN_PV_PHASE1) and C(KMD_VPN_PV_PHASE2) do not say which of their addresses is the peer's. Both are in
    RV(events[].line) only, where O(peer_address) finds them.
seealso:
  - module: hubspoke.srx.troubleshoot
  - module: hubspoke.srx.inactive_tunnels_info
  - plugin: hubspoke.srx.parse
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the failures of the last hour
  hubspoke.srx.ike_log_info:
    last: 3600
    kinds: [phase1_failed, phase2_failed, negotiation_failed, selector_mismatch, dpd_dead, vpn_down]
  register: log

- name: Show causes and remedies
  ansible.builtin.debug:
    msg: "{{ item.time }} {{ item.remote_address }}: {{ item.reason }} ({{ item.cause }}). {{ item.remedy }}"
  loop: "{{ log.events }}"

- name: Read how one tunnel came up
  hubspoke.srx.ike_log_info:
    vpn: westford-vpn
    since: "2026-03-12 09:00:00"
    until: "2026-03-12 09:05:00"
"""

RETURN = r"""
events:
  description: One entry per event, the oldest first. A field that the line does not have is none.
  returned: success
  type: list
  elements: dict
  sample:
    - kind: phase1_failed
      time: Mar 12 09:00:10
      date_time: "2026-03-12T09:00:10"
      phase: 1
      cause: no_proposal
      reason: No proposal chosen
      remedy: >-
        Make the Phase 1 proposals the same on both peers: authentication method, Diffie-Hellman group, encryption,
        hash, mode and IKE version.
      role: responder
      remote_address: 192.0.2.130
      line: >-
        Mar 12 09:00:10 Phase-1 [responder] failed with error(No proposal chosen) for local=unknown(any:0,[0..0]=)
        remote=ipv4(any:0,[0..3]=192.0.2.130)
  contains:
    kind:
      description:
        - One of V(phase1_up), V(phase2_up), V(phase1_failed), V(phase2_failed), V(negotiation_up),
          V(negotiation_failed), V(sa_established), V(selector_mismatch), V(vpn_up), V(vpn_down), V(dpd_dead),
          V(id_validated), V(packet) and V(daemon).
        - V(packet) is a line of C(kmd) about a single packet, V(daemon) one about no negotiation.
      type: str
    line:
      description: The whole entry in one line, secrets masked.
      type: str
    time:
      description: Time as printed, but for double blanks.
      type: str
    date_time:
      description: Time with the year, in the device's own time zone; none where the entry has no date.
      type: str
    phase:
      description: V(1) or V(2); none where the entry concerns both or does not say.
      type: int
    cause:
      description:
        - Cause of a failure, one of V(no_proposal), V(peer_not_recognized), V(invalid_payload),
          V(authentication_failed), V(proxy_id), V(peer_dead), V(timeout) and V(other).
        - V(invalid_payload) means that the pre-shared keys differ, V(proxy_id) is about traffic selectors too.
      type: str
    remedy:
      description: How to fix the cause.
      type: str
    reason:
      description: Cause in the daemon's words.
      type: str
    message:
      description: Name of the message, for example V(KMD_VPN_UP_ALARM_USER).
      type: str
    role:
      description: V(initiator) or V(responder).
      type: str
    ike_version:
      description: V(1) or V(2).
      type: int
    local_address:
      description: Address of this end.
      type: str
    local_port:
      description: UDP port of this end.
      type: int
    remote_address:
      description: Address of the peer.
      type: str
    remote_port:
      description: UDP port of the peer.
      type: int
    nat_t:
      description: Whether NAT traversal was negotiated, which the port 4500 shows; none where the entry has no port.
      type: bool
    local_id:
      description: IKE identity of this end. It may hold any bytes.
      type: str
    remote_id:
      description: IKE identity of the peer.
      type: str
    local_proxy:
      description: Proxy identity, or end of the traffic selector, that is local; a prefix, or a range that is none.
      type: str
    remote_proxy:
      description: Proxy identity, or end of the traffic selector, that is remote.
      type: str
    selector:
      description: Name of the traffic selector.
      type: str
    vpn:
      description: Name of the VPN.
      type: str
    gateway:
      description: Name of the IKE gateway.
      type: str
    interface:
      description: The tunnel's interface.
      type: str
    tunnel_id:
      description: Index of the tunnel.
      type: int
    direction:
      description: V(inbound) or V(outbound).
      type: str
    spi:
      description: Eight hexadecimal digits.
      type: str
    host:
      description: Name of the device, where syslog has written the line.
      type: str
    process:
      description: V(kmd) or V(iked), where syslog has written the line.
      type: str
    node:
      description: Node of a chassis cluster that replied; none on a single device.
      type: str
unrecognised:
  description: Lines of the IKE daemon that the module does not know, within the time range, secrets masked.
  returned: success
  type: list
  elements: str
  sample: []
counts:
  description: Number of events by kind, and of unrecognised lines, before O(limit).
  returned: success
  type: dict
  sample:
    phase1_failed: 2
    unrecognised: 0
files:
  description: The files that were read, in order.
  returned: success
  type: list
  elements: str
  sample: [kmd.0, kmd]
notes:
  description: Remarks on the result, for example that entries without a date were kept.
  returned: success
  type: list
  elements: str
  sample: []
reason:
  description: Kind of the error, for conditions in playbooks, as in V(unreachable), V(refused) or V(unexpected_reply).
  returned: failure
  type: str
  sample: unreachable
"""
