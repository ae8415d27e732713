#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: troubleshoot
short_description: Name the first layer of a tunnel that fails, and the statement
description:
  - Diagnoses tunnels from the lowest layer up, on both ends where both run Junos, and stops at the first step that
    fails. The steps are interfaces, the route to the peer, reachability with host-inbound C(ike), Phase 1, Phase 2, the
    next-hop tunnel entry, routes into the tunnel, policies with their address books, error counters, and the flow.
    Later steps are V(skipped) with the reason.
  - Compares the configurations in effect of both ends with each other and with the plan, and names the statement of a
    mismatch, and the end that deviates from the plan. Pre-shared keys are compared decoded and never shown.
  - Diagnoses the tunnels of the play's spokes, or all where only the hub is in the play, or those between O(source)
    and O(destination). The other end of a tunnel is read too, in the play or not.
  - Only reads and pings. Nothing is locked, loaded or committed, and no association is cleared. A tunnel that starts
    with traffic gets a packet.
  - A ScreenOS device cannot be read. A step that depends on it is V(unknown), with the objects to check there.
  - Runs once for the play.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  source:
    description: One site of a pair, by host or site name. Takes O(destination) too.
    type: str
  destination:
    description:
      - The other site of the pair. Between two spokes both tunnels are diagnosed, and the forwarding on the hub.
    type: str
  artifacts_dir:
    description: Folder for C(troubleshoot.json), which has every step of every tunnel.
    type: path
    default: artifacts
  fail_on_trouble:
    description: Whether the task fails where a step has failed. Unknown steps are no failure.
    type: bool
    default: true
  wait:
    description: Seconds in which a tunnel that starts with traffic can come up after its first packet.
    type: float
    default: 10
  sample_interval:
    description: Least seconds between two samples of the error counters.
    type: float
    default: 5
  sessions:
    description: How many devices are asked at a time.
    type: int
    default: 30
seealso:
  - module: hubspoke.srx.report
  - module: hubspoke.srx.nhtb_verify
  - module: hubspoke.srx.drift
"""

EXAMPLES = r"""
- name: Diagnose the tunnels between two sites
  hubspoke.srx.troubleshoot:
    source: westford
    destination: sunnyvale
  register: trouble
  run_once: true

- name: Show the result
  hubspoke.srx.report:
    run: "{{ trouble.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: The result in a sentence.
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: "Failed: corporate - westford at Phase 1. Tunnels: 1 failed."
tunnels:
  description:
    - A mapping for each tunnel, with C(hub), C(spoke), C(vpn) (by host), C(state) (V(ok), V(failed) or V(unknown)),
      the C(layer) that fails with its C(device) and C(statement), all C(statements), a C(sentence), C(evidence),
      C(remedy), the C(responder), the C(log), C(notes) and all C(steps).
    - C(log) has the newest failure of this tunnel in the log of a device, the responder's first, with C(host),
      C(line), C(kind) and C(cause) as in M(hubspoke.srx.ike_log_info). Where no failure is logged it is the newest line
      about the peer; it is empty without such a line, or where all steps pass.
  returned: always, unless the arguments or the inventory are wrong
  type: list
  elements: dict
  sample:
    - hub: corporate
      spoke: westford
      state: failed
      layer: phase1
      device: westford
      statement: security ike policy ike-policy1 pre-shared-key
summary:
  description: Number of tunnels by state.
  returned: always, unless the arguments or the inventory are wrong
  type: dict
  sample:
    ok: 0
    failed: 1
    unknown: 0
reason:
  description: A word for the kind of error, to be tested by playbooks, as V(bad_pair) or V(bad_inventory).
  returned: failure
  type: str
  sample: bad_pair
"""
