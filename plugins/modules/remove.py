#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/remove.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: remove
short_description: Remove spokes, or the whole VPN, from the devices
version_added: 1.0.0
description:
  - Deletes the configuration group, and the statement that applies it, on the hosts of the play, and the tunnels,
    bindings, routes, addresses and policies for them on the hub and all other spokes. One transaction, as in
    M(hubspoke.srx.transaction), in which the hub and the other spokes take part although the play is limited.
  - Where no spoke remains, the hub's group is deleted too. Each device then has the configuration that it had before
    the first deployment.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.report
  - hubspoke.srx._fleet.sessions
  - hubspoke.srx._fleet.lock
  - hubspoke.srx._fleet.samples
  - hubspoke.srx._fleet.pings
  - hubspoke.srx._fleet.verification
  - hubspoke.srx._change
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: M(hubspoke.srx.outcome) shows each host's own diff.
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos
options:
  all:
    description:
      - Whether all spokes, and with them the hub, may be removed. Without it the play has to be limited to some of the
        spokes.
    type: bool
    default: false
  move_group:
    description:
      - An earlier name of the configuration group, after a change of C(nhtb_group). A group of that name is deleted
        too. It must hold a VPN of the plan and nothing that is none of the VPN's.
      - Without it the module refuses to remove a VPN that another applied group holds too. Nothing in a group tells
        who wrote it, so its name is the consent.
      - Its variable may differ per host.
    type: str
notes:
  - The variable of O(all) is C(nhtb_remove_all).
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.outcome
"""

EXAMPLES = r"""
- name: Remove the spokes of this play from the VPN
  hubspoke.srx.remove:
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
  sample: "Removed and confirmed. Hosts: 2 confirmed, 1 skipped."
digest:
  description: As RV(hubspoke.srx.transaction#module:digest).
  returned: when a run has begun
  type: str
  sample: 5b1c0e3f9c1ad7b07f4ad1a0cf0a8f3b0b7f1f0d2b44a6b7cf3d5ae1c9e0f7d2
summary:
  description: Number of hosts and of findings, each by state.
  returned: when a run has begun
  type: dict
  sample:
    hosts:
      confirmed: 2
      unchanged: 0
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
