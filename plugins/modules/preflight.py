#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/preflight.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Reach the devices before the first run
version_added: 1.0.0
description:
  - Logs in to every Junos device of the play and reads what a first run meets there. These are release, model, uptime,
    the clock compared with that of the controller, free storage, a pending commit with its user and its end, the holder
    of the lock, and uncommitted changes of the shared candidate.
  - Compares the configuration outside of the configuration group with the plan. Names each part that the device has
    already (addresses of LAN and WAN, default route, zones, source NAT, host name) with the switch that fits, and each
    statement that would stop a deployment.
  - Reads only. Nothing is locked, loaded, checked or committed.
  - An inventory that cannot be planned yet is no error. Says what it lacks, and lists the parts that the devices have.
  - Where a host key is unknown, reads the keys that the device offers, or the bastion in front of it, and writes them
    to a file C(known_hosts) for comparison. They are not trusted, and no file of known hosts is changed.
  - Runs once for the play. The result of every host is for M(hubspoke.srx.outcome). The states are V(ready),
    V(not_ready) (read, and something would stop a deployment), V(unreachable) (no connection, or the login was
    refused), V(failed) (an untrusted host key for instance) and V(skipped) (ScreenOS).
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.sessions
options:
  artifacts_dir:
    description:
      - Folder of the runs. Each writes a folder of its own in it, named after its start, with C(preflight.json), and
        with C(known_hosts) where host keys are unknown. In check mode too.
      - The symbolic link C(latest) in it points to the newest one. Only the owner of the files can read them.
    type: path
    default: artifacts
  artifacts_keep:
    description:
      - Run folders in O(artifacts_dir) that stay, 1 to 10000, that of this run among them. Older ones are removed.
    type: int
    default: 20
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.report
  - module: hubspoke.srx.drift
"""

EXAMPLES = r"""
- name: Reach the devices
  hubspoke.srx.preflight:
  register: fleet
  run_once: true

- name: Give each host its outcome
  hubspoke.srx.outcome:
    run: "{{ fleet.run }}"

- name: Show the table
  hubspoke.srx.report:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: when a run has begun
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: Result for the fleet, in a sentence.
  returned: when a run has begun
  type: str
  sample: 2 of 2 devices reached, 2 ready for a deployment.
folder:
  description: Folder of C(preflight.json) and C(known_hosts).
  returned: when a run has begun
  type: str
  sample: artifacts/20260312T091502-4be07a
summary:
  description: Number of hosts by state.
  returned: when a run has begun
  type: dict
  sample:
    ready: 2
    not_ready: 0
    unreachable: 0
    failed: 0
    skipped: 1
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_argument
"""
