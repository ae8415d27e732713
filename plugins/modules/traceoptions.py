#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/traceoptions.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: traceoptions
short_description: Switch IKE and flow traces on or off
version_added: 1.0.0
description:
  - Puts C(security ike traceoptions) and C(security flow traceoptions) with packet filters into a configuration group
    of their own, named after the VPN's group (V(hubspoke-trace)), or deletes that group.
  - They are switched on by a commit confirmed, so that the device rolls back automatically after O(minutes). With
    O(keep) they stay until they are switched off.
  - The pre-checks read the free storage, and stop where another user has a pending commit or uncommitted changes.
  - While the commit is pending, a commit or commit check of any user confirms the traces. The other modules of this
    collection refuse to change the device meanwhile. M(hubspoke.srx.trace) holds the lock and always switches the
    traces off; use it for a capture.
  - Runs once for the play. M(hubspoke.srx.outcome) gives every host its own result.
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
    details: On a private candidate, which changes no device.
  diff_mode:
    support: full
    details: Through M(hubspoke.srx.outcome).
  idempotent:
    support: partial
    details: The confirm window of traces that are not kept begins anew.
  platform:
    support: full
    platforms: junos
options:
  state:
    description: Whether traces are on.
    type: str
    choices: [present, absent]
    default: present
  keep:
    description: Whether the traces stay until they are switched off.
    type: bool
    default: false
  minutes:
    description: Minutes of the confirm window after which the device rolls back traces that are not kept, 1 to 65535.
    type: int
    default: 10
notes:
  - No variable gives O(state), O(keep) and O(minutes).
seealso:
  - module: hubspoke.srx.trace
  - module: hubspoke.srx.ike_log_info
  - module: hubspoke.srx.storage_info
"""

EXAMPLES = r"""
- name: Trace the packets from one host in Westford to the hub, for ten minutes
  hubspoke.srx.traceoptions:
    source: westford
    destination: corporate
    source_prefix: 192.168.178.20/32
  run_once: true

- name: Trace IKE alone until it is switched off
  hubspoke.srx.traceoptions:
    flow: false
    keep: true
  run_once: true

- name: Switch all traces off
  hubspoke.srx.traceoptions:
    state: absent
  run_once: true
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: when a run has begun
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: State of the traces, in a sentence.
  returned: when a run has begun
  type: str
  sample: "Traces: 2 traced until the automatic rollback, 1 not touched."
devices:
  description: One entry per device of the plan.
  returned: when a run has begun
  type: list
  elements: dict
  sample:
    - host: corporate
      state: "on"
      message: traced; the device rolls back automatically 10 minutes after its commit
      remedy: ""
      detail: ""
      diff: |-
        [edit groups]
           hubspoke { ... }
        +  hubspoke-trace {
        +      security {
        +          ike {
        +              traceoptions {
        +                  file hubspoke-ike size 1m files 3;
        +                  flag ike;
        +                  flag policy-manager;
        +                  flag routing-socket;
        +              }
        +          }
        +      }
        +  }
        [edit]
        - apply-groups hubspoke;
        + apply-groups [ hubspoke hubspoke-trace ];
      warnings: []
      files: []
      pings: []
      failures: []
  contains:
    host:
      description: Name of the host.
      type: str
    state:
      description: >-
        One of V(on), V(kept), V(off), V(unchanged), V(would_change), V(failed), V(unreachable) and V(skipped).
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
      description: Difference of the configuration as Junos prints it.
      type: str
    warnings:
      description: Warnings about the device.
      type: list
      elements: str
    files:
      description: Always empty; only M(hubspoke.srx.trace) fetches files.
      type: list
      elements: dict
    pings:
      description: Always empty; only M(hubspoke.srx.trace) pings.
      type: list
      elements: dict
    failures:
      description: Always empty; only M(hubspoke.srx.trace) reads the trace.
      type: list
      elements: dict
summary:
  description: Number of devices by state.
  returned: when a run has begun
  type: dict
  sample:
    captured: 0
    "on": 2
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
