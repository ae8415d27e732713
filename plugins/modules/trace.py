#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/trace.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: trace
short_description: Capture IKE and flow traces, and switch them off
version_added: 1.0.0
description:
  - Switches traces on at both ends of the tunnels in question, waits and pings while they are on, switches them off,
    and only then fetches the files. The group, the filters and the pre-checks are those of
    M(hubspoke.srx.traceoptions).
  - The traces show the pings from LAN to LAN of O(ping), the negotiation that O(negotiate) brings about, and the
    traffic during O(seconds).
  - An error, a lost session, an interrupt or a termination also switches the traces off, and a refused commit is tried
    again. Where the controller dies, the device rolls back automatically within a few minutes. The candidate is locked
    meanwhile, since a commit of any user would confirm the traces.
  - A device that fails does not stop the others. Their files are fetched all the same.
  - Runs once for the play. M(hubspoke.srx.outcome) gives every host its own result, and fails where the device did.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._trace
  - hubspoke.srx._attributes
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.sessions
  - hubspoke.srx._fleet.lock
attributes:
  check_mode:
    support: full
    details: Shows the traces that it would switch on, on a private candidate, which changes no device.
  diff_mode:
    support: full
    details: M(hubspoke.srx.report) shows it in check mode, with or without C(--diff).
  idempotent:
    support: full
    details: The configuration is the same before and after.
  platform:
    support: full
    platforms: junos
options:
  seconds:
    description: Seconds to wait with the traces on, 0 to 3600.
    type: float
    default: 5
  ping:
    description:
      - Whether to ping from LAN to LAN along the traffic in question, which also starts a tunnel that comes up with
        traffic.
    type: bool
    default: true
  negotiate:
    description:
      - Whether to clear the associations of the tunnels in question, and no others, so that they are negotiated anew.
        Their traffic stops until they are up again.
    type: bool
    default: false
  copy_to:
    description:
      - A URL of a folder that each device copies its trace files to with C(file copy), as in
        V(ftp://192.0.2.10/traces). The files are then named V(HOST-FILE). A password belongs in a vault, and is masked
        in every result.
    type: str
  delete_files:
    description:
      - Whether to delete the trace files on the devices once they are fetched, and copied where O(copy_to) is given.
        The device's own logs are never deleted.
    type: bool
    default: true
seealso:
  - module: hubspoke.srx.traceoptions
  - module: hubspoke.srx.troubleshoot
  - module: hubspoke.srx.ike_log_info
"""

EXAMPLES = r"""
- name: Capture a negotiation and a ping
  hubspoke.srx.trace:
    source: westford
    destination: corporate
    negotiate: true
  register: traces
  run_once: true

- name: Give each host its outcome
  hubspoke.srx.outcome:
    run: "{{ traces.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: when a run has begun
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: Outcome of the capture, in a sentence.
  returned: when a run has begun
  type: str
  sample: "Traces: 2 captured, and not traced any more, 1 not touched."
devices:
  description: One entry per device of the plan.
  returned: when a run has begun
  type: list
  elements: dict
  sample:
    - host: corporate
      state: captured
      message: captured, and not traced any more
      remedy: ""
      detail: ""
      diff: ""
      warnings: []
      files:
        - name: hubspoke-ike
          path: artifacts/trace/20260312T091502-4be07a/corporate/hubspoke-ike
          lines: 11
        - name: hubspoke-flow
          path: artifacts/trace/20260312T091502-4be07a/corporate/hubspoke-flow
          lines: 16
      pings:
        - source: 10.10.10.1
          destination: 192.168.178.1
          sent: 3
          received: 3
          reason: ""
      failures: []
  contains:
    host:
      description: Name of the host.
      type: str
    state:
      description: >-
        One of V(captured), V(would_change), V(failed), V(unreachable) and V(skipped).
      type: str
    message:
      description: The state in words, with the reason where it has one.
      type: str
    remedy:
      description: What to do about a failure; empty without one.
      type: str
    detail:
      description: The whole text where C(message) is its beginning only; empty otherwise.
      type: str
    diff:
      description: Difference of the configuration as Junos prints it, in check mode; empty otherwise.
      type: str
    warnings:
      description: Warnings about the device.
      type: list
      elements: str
    files:
      description: Fetched files.
      type: list
      elements: dict
      contains:
        name:
          description: Name of the file on the device.
          type: str
        path:
          description: Path of the copy on the controller.
          type: str
        lines:
          description: Number of lines.
          type: int
    pings:
      description: Pings that were sent.
      type: list
      elements: dict
      contains:
        source:
          description: Address that the ping was sent from.
          type: str
        destination:
          description: Address that was pinged.
          type: str
        sent:
          description: Number of requests; none where the device printed no statistics.
          type: int
        received:
          description: Number of replies; none where the device printed no statistics.
          type: int
        reason:
          description: Why the device did not answer the ping command; empty where it did.
          type: str
    failures:
      description: Failed negotiations in the trace of IKE.
      type: list
      elements: dict
      contains:
        time:
          description: Time as printed, in the device's own time zone.
          type: str
        kind:
          description: Kind of the event, as in M(hubspoke.srx.ike_log_info).
          type: str
        cause:
          description: Cause of the failure, as in M(hubspoke.srx.ike_log_info).
          type: str
        remote_address:
          description: Address of the peer; none where the line has none.
          type: str
        remedy:
          description: How to fix the cause.
          type: str
        line:
          description: The line of the trace, secrets masked.
          type: str
summary:
  description: Number of devices by state.
  returned: when a run has begun
  type: dict
  sample:
    captured: 2
    "on": 0
    kept: 0
    "off": 0
    unchanged: 0
    would_change: 0
    failed: 0
    unreachable: 0
    skipped: 1
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_pair), V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_inventory
"""
