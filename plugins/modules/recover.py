#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/recover.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: recover
short_description: Confirm or roll back the pending commits of a killed run
version_added: 1.0.0
description:
  - Looks on every device of the play for a pending commit of a killed run of this collection.
  - Where that run had begun to confirm on any device, all its tunnels were verified, so the other devices are
    confirmed. Otherwise its pending commits are rolled back.
  - A device without a pending commit is not changed, nor is one with a pending commit of another user. The outcome of
    each host says which it was.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.report
  - hubspoke.srx._fleet.sessions
  - hubspoke.srx._fleet.lock
attributes:
  check_mode:
    support: none
    details: Skipped in check mode, in which nothing can be confirmed or rolled back.
  diff_mode:
    support: none
    details: M(hubspoke.srx.outcome) shows each host's own diff.
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos
options:
  artifacts_dir:
    description:
      - Folder of the runs. Each writes a folder of its own in it, named after its start, with C(report.json).
        In check mode too.
      - The symbolic link C(latest) in it points to the newest one. Only the owner of the files can read them.
    type: path
    default: artifacts
  artifacts_keep:
    description:
      - Run folders in O(artifacts_dir) that stay, 1 to 10000, that of this run among them. Older ones are removed.
    type: int
    default: 20
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.outcome
"""

EXAMPLES = r"""
- name: Confirm or roll back the pending commits of a killed run
  hubspoke.srx.recover:
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
decision:
  description: Outcome of the fleet, in a sentence.
  returned: when a run has begun
  type: str
  sample: "Settled. Hosts: 2 unchanged, 1 skipped."
digest:
  description: Always empty. M(hubspoke.srx.transaction) has one.
  returned: when a run has begun
  type: str
  sample: ""
summary:
  description: Number of hosts and of findings, each by state.
  returned: when a run has begun
  type: dict
  sample:
    hosts:
      confirmed: 0
      unchanged: 2
      would_change: 0
      rolled_back: 0
      skipped: 1
      failed: 0
      pending: 0
      unknown: 0
    findings:
      ok: 0
      failed: 0
      unknown: 0
      skipped: 0
    tunnels:
      up: 0
      down: 0
      unknown: 0
      not_checked: 2
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_inventory
"""
