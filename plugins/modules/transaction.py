#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: transaction
short_description: Push the VPN to the whole fleet, verify it, and only then confirm it
description:
  - Plans and renders the inventory groups C(nhtb_hubs) and C(nhtb_spokes) once, and takes every Junos device of the
    play through the same stages, with a barrier after each. Log in and look around; lock, load, compare and commit
    check; commit confirmed; verify; and last confirm everywhere, or roll back everywhere.
  - The look around stops the run where another user's confirmed commit is pending, where the shared candidate has
    another user's changes, or where no space is left for a commit. Nothing has been sent by then.
  - One action for the whole play, whatever C(forks) is, since a confirmed commit has a clock. It runs once and leaves
    every host's result for M(hubspoke.srx.outcome), which is the next task.
  - In check mode it works on private candidates, so nobody is locked out, and leaves no trace on any device.
  - An interrupt rolls back what is pending before it leaves.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._fleet
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
      - A device on which nothing differs is not committed.
      - An unchanged key is no difference, although Junos salts it anew.
  platform:
    support: full
    platforms: junos
options:
  batch_size:
    description:
      - How many spokes are deployed in one transaction; the hub takes part in each. With V(0) all together.
      - Spokes with C(nhtb_canary=true) go first, in a transaction of their own.
    type: int
    default: 0
  take_over:
    description:
      - Delete at the top level what the group says instead, for a VPN that was configured by hand; see
        M(hubspoke.srx.adopt). Whatever the plan does not know stays.
      - Not with O(batch_size), canaries, O(tolerate_unreachable), or O(on_failure=site).
    type: bool
    default: false
  stop_after_check:
    description:
      - Whether to end once all devices have passed the commit check. Each difference is then in C(<host>.diff) in
        O(artifacts_dir), and the digest is returned.
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
- name: Push, verify, then confirm or roll back
  hubspoke.srx.transaction:
  register: fleet
  run_once: true

- name: What became of this host
  hubspoke.srx.outcome:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: success
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: What became of the fleet, in a sentence.
  returned: success
  type: str
  sample: confirmed on 2 of 2 devices
digest:
  description:
    - 64 hexadecimal digits for the rendered text, the key and the difference of every device; empty where the run
      ended before.
  returned: success
  type: str
  sample: 5b1c0e3f9c1ad7b07f4ad1a0cf0a8f3b0b7f1f0d2b44a6b7cf3d5ae1c9e0f7d2
summary:
  description: Number of hosts by state.
  returned: success
  type: dict
  sample:
    confirmed: 2
    skipped: 1
reason:
  description: A word for the kind of error, to be tested by playbooks.
  returned: failure
  type: str
  sample: bad_inventory
"""
