#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: recover
short_description: Settle what a killed run has left on the devices
description:
  - Looks on every device of the play for a confirmed commit that a run of this collection has left pending.
  - Where that run had begun to confirm on any device, the rest is confirmed, since all was verified by then. Otherwise
    what is pending is rolled back.
  - A device with nothing pending is not changed, nor is one with a pending commit of another user. What was found is
    in the outcome of each host.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: none
    details: Skipped, since nothing could be settled.
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
    description: Folder for C(report.json).
    type: path
    default: artifacts
  lock_wait:
    description: Seconds to wait while another user has the configuration locked.
    type: float
    default: 30
  sessions:
    description: How many sessions are opened at a time.
    type: int
    default: 30
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.outcome
"""

EXAMPLES = r"""
- name: Confirm or roll back what a killed run has left pending
  hubspoke.srx.recover:
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
