#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/transaction.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: transaction
short_description: Deploy the VPN to the whole fleet, verify it, and only then confirm it
version_added: 1.0.0
description:
  - Plans and renders the inventory groups C(nhtb_hubs) and C(nhtb_spokes) once, and takes every Junos device of the
    play through the same stages, with a barrier after each. These are login and pre-checks; lock, load, compare and
    commit check; commit confirmed; verification; and the decision to confirm everywhere or to roll back everywhere.
  - The pre-checks stop the run where a confirmed commit of another user is pending, where the shared candidate has
    changes of another user, or where the device has no space for a commit. Nothing is loaded before they are done.
  - Runs once for the play, whatever C(forks) is, because the confirm window bounds the time. The result of every host
    is for M(hubspoke.srx.outcome), which is the next task.
  - Where spokes are in the play, the hub takes part by itself, also where the play is limited to them. It keeps what it
    has for the other spokes, and their tunnels are not verified.
  - In check mode it works on private candidates, so that it locks out no other user and changes no device.
  - An interrupt rolls back all pending commits before the run ends.
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
    details:
      - A device without a difference is not committed.
      - An unchanged key is no difference, although Junos salts it anew.
  platform:
    support: full
    platforms: junos
options:
  batch_size:
    description:
      - How many spokes are deployed in one transaction; the hub takes part in each. With V(0) all spokes together.
      - The first batch that fails ends the run. The batches before it stay confirmed.
      - Spokes with C(nhtb_canary=true) are deployed first, in a transaction of their own.
    type: int
    default: 0
  take_over:
    description:
      - Whether to delete at the top level what the configuration group replaces, for a VPN that was configured by
        hand; see M(hubspoke.srx.adopt). Statements that the plan does not know stay. C(--check --diff) shows the
        deletions.
      - All devices move in one transaction, so not with O(batch_size), canaries, O(tolerate_unreachable), or
        O(on_failure=site).
    type: bool
    default: false
  move_group:
    description:
      - An earlier name of the configuration group, after a change of C(nhtb_group). A group of that name is deleted in
        the commit that writes the new one, so that the tunnels keep their statements. It must hold a VPN of the plan
        and nothing that is none of the VPN's. A device without it stays unchanged.
      - Its variable may differ per host.
    type: str
  drop_sites:
    description:
      - Whether the hub may lose at least as many tunnels as it keeps, of sites that the inventory does not have.
        Without it such a run ends before the first commit, as its inventory may be a part of the VPN only, for
        instance a slice of a job.
      - Hosts with C(nhtb_state=absent) need no consent.
    type: bool
    default: false
  stop_after_check:
    description:
      - Whether to end once all devices have passed the commit check. Each difference is then in C(<host>.diff) in
        O(artifacts_dir), for a change ticket, and RV(digest) covers them all.
    type: bool
    default: false
  approved_digest:
    description:
      - RV(digest) of an earlier run with O(stop_after_check=true). If the plan or a device has changed since, nothing
        is committed.
    type: str
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.report
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Deploy, verify, then confirm or roll back
  hubspoke.srx.transaction:
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
  sample: "Verified and confirmed. Hosts: 2 confirmed, 1 skipped; 13 of 13 checks ok, 0 failed, 0 unknown."
digest:
  description:
    - 64 hexadecimal digits for the rendered text, the key and the difference of every device. Empty where the run
      ended before the commit check of all devices.
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
      ok: 13
      failed: 0
      unknown: 0
      skipped: 0
    tunnels:
      up: 2
      down: 0
      unknown: 0
      not_checked: 0
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_inventory
"""
