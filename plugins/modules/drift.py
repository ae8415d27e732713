#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: drift
short_description: Compare the configuration of devices with the plan
description:
  - Plans the inventory groups C(nhtb_hubs) and C(nhtb_spokes) once, reads the committed configuration of every Junos
    device of the play, and compares the configuration group with the planned one.
  - Names statements outside the group that conflict with it. They override statements of the group, or claim an
    interface, next hop or peer of the group.
  - Only reads the committed configuration. Nothing is locked, loaded or checked, so it may run at any time, also during
    other users' sessions, with uncommitted changes, locks and pending commits.
  - Pre-shared keys are compared decoded and masked in all output. A key stored as C($8$) is V(unknown) and no drift,
    since only the device can decode it.
  - Runs once for the play and leaves every host's result for M(hubspoke.srx.outcome). The states are V(in_sync),
    V(drifted), V(unknown) (read, but not completely comparable, or the device refused) and V(unreachable). Hosts that
    are not asked, such as those with ScreenOS, are V(skipped).
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  artifacts_dir:
    description: Folder for C(drift.json), which has state, difference and findings of every host.
    type: path
    default: artifacts
  fail_on_drift:
    description:
      - Whether M(hubspoke.srx.outcome) fails for a host that has drifted, could not be read, or could not be reached.
      - A key that cannot be decoded is no failure.
    type: bool
    default: true
  sessions:
    description: How many devices are asked at a time.
    type: int
    default: 30
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.report
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Compare all devices with the plan
  hubspoke.srx.drift:
  register: fleet
  run_once: true

- name: Return the result of this host
  hubspoke.srx.outcome:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: success
  type: str
  sample: 20260312T091502-4be07a
drifted:
  description: Whether any host has drifted.
  returned: success
  type: bool
  sample: false
decision:
  description: The result for all hosts in a sentence.
  returned: success
  type: str
  sample: "In sync. Hosts: 2 in sync, 1 skipped."
summary:
  description: Number of hosts by state.
  returned: success
  type: dict
  sample:
    drifted: 0
    in_sync: 2
    skipped: 1
    unknown: 0
    unreachable: 0
reason:
  description: A word for the kind of error, to be tested by playbooks.
  returned: failure
  type: str
  sample: bad_inventory
"""
