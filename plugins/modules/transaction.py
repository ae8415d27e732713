#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: transaction
short_description: Push the VPN to the whole fleet, prove it, and only then confirm it
description:
  - Plans and renders the inventory groups C(nhtb_hubs) and C(nhtb_spokes) once, and takes every Junos device of the
    play through the same stages, with a barrier after each. Log in; lock, load, compare and commit check; commit
    confirmed; verify; and last confirm everywhere, or roll back everywhere.
  - One action for the whole play, whatever C(forks) is, since a confirmed commit has a clock. It runs once and leaves
    every host's result for M(hubspoke.srx.outcome), which is the next task.
  - In check mode it works on private candidates, so nobody is locked out, and leaves no trace on any device.
  - An interrupt rolls back what is pending before it leaves.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._fleet
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
  checks:
    description:
      - What must hold before a commit is confirmed; M(hubspoke.srx.nhtb_verify) says what each means.
    type: list
    elements: str
    choices:
      - ike
      - ike_algorithms
      - ipsec
      - ipsec_algorithms
      - lifetimes
      - monitoring
      - next_hop_tunnels
      - pings
      - proxy_identities
      - routes
      - statistics
    default: [ike, ipsec, next_hop_tunnels, routes]
  verify_settle:
    description: Seconds between the commit and the first question, so that old associations are gone by then.
    type: float
    default: 3
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.report
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Push, prove, then confirm or roll back
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
