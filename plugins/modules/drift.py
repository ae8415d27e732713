#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/drift.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: drift
short_description: Compare the configuration of the devices with the plan
version_added: 1.0.0
description:
  - Plans the inventory groups C(nhtb_hubs) and C(nhtb_spokes) once, reads the committed configuration of every Junos
    device of the play, and compares the configuration group with the planned one.
  - Names conflicts, which are statements outside of the group that override or contradict planned ones.
  - Reads the committed configuration alone. Nothing is locked, loaded or checked, so it may run at any hour, whatever
    sessions, uncommitted changes, locks and pending commits other users have.
  - Pre-shared keys are compared decoded, and masked in every result. A key stored as C($8$) is V(unknown) and no drift,
    since only the device can decode it.
  - Runs once for the play. The result of every host is for M(hubspoke.srx.outcome). The states are V(in_sync),
    V(drifted), V(unknown) (not all could be compared, or the device refused) and V(unreachable); hosts that are not
    read, as those with ScreenOS, are V(skipped).
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.report
  - hubspoke.srx._fleet.sessions
options:
  artifacts_dir:
    description:
      - Folder of the runs. Each writes a folder of its own in it, named after its start, with C(report.json),
        which has state, difference and findings of every host. In check mode too.
      - The symbolic link C(latest) in it points to the newest one. Only the owner of the files can read them.
    type: path
    default: artifacts
  artifacts_keep:
    description:
      - Run folders in O(artifacts_dir) that stay, 1 to 10000, that of this run among them. Older ones are removed.
    type: int
    default: 20
  fail_on_drift:
    description:
      - Whether M(hubspoke.srx.outcome) fails for a host that has drifted, could not be read, or could not be reached.
      - A key that cannot be decoded is no failure.
    type: bool
    default: true
notes:
  - The variable of O(fail_on_drift) is C(nhtb_drift_fails).
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.report
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Compare the devices with the plan
  hubspoke.srx.drift:
  register: fleet
  run_once: true

- name: Give each host its outcome
  hubspoke.srx.outcome:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: when a run has begun
  type: str
  sample: 20260312T091502-4be07a
drifted:
  description: Whether any host has drifted.
  returned: when a run has begun
  type: bool
  sample: false
decision:
  description: Result for the fleet, in a sentence.
  returned: when a run has begun
  type: str
  sample: "In sync. Hosts: 2 in sync, 1 skipped."
summary:
  description: Number of hosts by state.
  returned: when a run has begun
  type: dict
  sample:
    in_sync: 2
    drifted: 0
    unknown: 0
    unreachable: 0
    skipped: 1
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_inventory
"""
