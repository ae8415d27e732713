#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/troubleshoot.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: troubleshoot
short_description: Name the layer of a tunnel that fails first, and the statement that is wrong
version_added: 1.0.0
description:
  - Diagnoses each tunnel in question layer by layer from the lowest, on both ends where both run Junos, and stops at
    the first layer that fails. The steps are interfaces, the route to the peer, reachability with host-inbound C(ike),
    Phase 1, Phase 2, the next-hop tunnel entry, routes into the tunnel, policies with their address books, error
    counters, and the flow. Later steps are V(skipped) with the reason.
  - Compares the configurations in effect of both ends with each other and with the plan, and names the statement with
    the mismatch, and the end that differs from the plan. Pre-shared keys are compared decoded and never shown.
  - In question are the tunnels of the play's spokes, or all where only the hub is in the play, or those between
    O(source) and O(destination). The hub is read too where a spoke is in the play. A spoke outside the play is not.
  - Only reads and pings. Nothing is locked, loaded or committed, and no association is cleared. A tunnel that comes up
    with traffic is sent a packet.
  - A ScreenOS device cannot be read. Steps that need it are V(unknown), with what its operator should look at.
  - Runs once for the play.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.sessions
  - hubspoke.srx._fleet.samples
options:
  source:
    description:
      - One site of a pair, by host or site name; O(destination) is the other. Without a pair the tunnels of the play's
        hosts are in question.
    type: str
  destination:
    description:
      - The other site of the pair. Between two spokes both their tunnels are in question, and the way through the hub.
    type: str
  artifacts_dir:
    description:
      - Folder of the runs. Each writes a folder of its own in it, named after its start, with
        C(troubleshoot.json), which has every step of every tunnel. In check mode too.
      - The symbolic link C(latest) in it points to the newest one. Only the owner of the files can read them.
    type: path
    default: artifacts
  artifacts_keep:
    description:
      - Run folders in O(artifacts_dir) that stay, 1 to 10000, that of this run among them. Older ones are removed.
    type: int
    default: 20
  fail_on_trouble:
    description: Whether the task fails where a step has failed. Steps that are unknown are no failure.
    type: bool
    default: true
  wait:
    description: Seconds that a tunnel which comes up with traffic is given after a packet was sent, at most 3600.
    type: float
    default: 10
notes:
  - The variables of O(source), O(destination) and O(wait) are C(nhtb_trouble_source), C(nhtb_trouble_destination) and
    C(nhtb_trouble_wait), that of O(fail_on_trouble) is C(nhtb_trouble_fails).
seealso:
  - module: hubspoke.srx.report
  - module: hubspoke.srx.nhtb_verify
  - module: hubspoke.srx.drift
"""

EXAMPLES = r"""
- name: Find out why this pair does not talk
  hubspoke.srx.troubleshoot:
    source: westford
    destination: sunnyvale
  register: trouble
  run_once: true

- name: Show the diagnosis
  hubspoke.srx.report:
    run: "{{ trouble.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: when a run has begun
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: Diagnosis of the fleet, in a sentence.
  returned: when a run has begun
  type: str
  sample: "Failed: corporate - westford at Phase 1. Tunnels: 1 failed."
tunnels:
  description: One entry per tunnel in question.
  returned: when a run has begun
  type: list
  elements: dict
  sample:
    - hub: corporate
      spoke: westford
      vpn:
        corporate: westford-vpn
        westford: corp-vpn
      state: failed
      layer: phase1
      device: westford
      statement: security ike policy westford-ike pre-shared-key
      responder: corporate
  contains:
    hub:
      description: Name of the hub.
      type: str
    spoke:
      description: Name of the spoke.
      type: str
    vpn:
      description: Name of the VPN on each end, by host.
      type: dict
    state:
      description: V(ok), V(failed) or V(unknown).
      type: str
    layer:
      description: The first layer that has failed, or is unknown; empty where all are ok.
      type: str
    device:
      description: The device with the wrong statement, or the one that the layer was read on.
      type: str
    statement:
      description: The wrong statement; empty where none was found.
      type: str
    statements:
      description: All statements that are wrong, or may be.
      type: list
      elements: dict
      contains:
        host:
          description: Name of the device with the statement.
          type: str
        statement:
          description: The statement without its value.
          type: str
        expected:
          description: Value that the plan or the other end has. Values of keys are not shown.
          type: str
        actual:
          description: Value that the device has.
          type: str
        certain:
          description: Whether the statement is known to be wrong. If not, it is a place to look at.
          type: bool
        counterpart:
          description: Statement of the other end that makes the mismatch; empty where there is none.
          type: str
    sentence:
      description: The diagnosis in a sentence.
      type: str
    evidence:
      description: The actual value on the device.
      type: str
    remedy:
      description: How to fix it.
      type: str
    responder:
      description: The host that answers the negotiation, whose log says why it fails.
      type: str
    log:
      description:
        - The newest failure of this tunnel in the log of a device, the responder's first. Where no failure is logged,
          the newest line about the peer. Empty where there is none, or the tunnel is ok.
      type: dict
      contains:
        host:
          description: Name of the device with the log.
          type: str
        line:
          description: The line, secrets masked.
          type: str
        kind:
          description: Kind of the event, as in M(hubspoke.srx.ike_log_info).
          type: str
        cause:
          description: Cause of the failure, as in M(hubspoke.srx.ike_log_info); empty where the line is no failure.
          type: str
    notes:
      description: Further observations.
      type: list
      elements: str
    steps:
      description: >-
        All steps, the lowest layer first, each a finding as in C(report.json); C(check) is the layer.
      type: list
      elements: dict
      contains:
        host:
          description: Name of the host.
          type: str
        check:
          description: The layer.
          type: str
        object:
          description: The object that was examined.
          type: str
        state:
          description: One of V(ok), V(failed), V(unknown) and V(skipped).
          type: str
        expected:
          description: What the plan expects.
          type: str
        actual:
          description: What the devices answered.
          type: str
        remedy:
          description: What to do; empty where there is nothing.
          type: str
        tunnel:
          description: The VPN; empty where the object belongs to none.
          type: str
        peer:
          description: The host at its other end; empty where there is none.
          type: str
        brief:
          description: The actual value in few words.
          type: str
summary:
  description: Number of tunnels by state.
  returned: when a run has begun
  type: dict
  sample:
    ok: 0
    failed: 1
    unknown: 0
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_pair), V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_inventory
"""
