#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: outcome
short_description: Give each host its own share of a fleet's run
description:
  - The companion of M(hubspoke.srx.transaction) and M(hubspoke.srx.nhtb_verify), which run once for the whole play.
    This gives every host its own C(changed), C(failed), C(unreachable), diff and findings, so that the recap, C(--diff)
    and AWX's host events are right.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The device's own comparison, with keys masked.
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos
options:
  run:
    description: >-
      The RV(hubspoke.srx.transaction#module:run) of the registered result, from the same ansible-playbook run.
    type: str
    required: true
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: What became of this host
  hubspoke.srx.outcome:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
state:
  description: >-
    V(unchanged), V(would_change), V(confirmed), V(rolled_back), V(skipped) (not spoken to) or V(unknown).
  returned: always
  type: str
  sample: confirmed
findings:
  description: What is not as planned, one entry per check and object; C(report.json) has all of them.
  returned: always
  type: list
  elements: dict
  sample:
    - actual: no association of westford-vpn
      brief: none
      check: ipsec
      expected: inbound and outbound with 3.3.3.2 on st0.0
      host: corporate
      object: westford-vpn
      peer: westford
      remedy: "Mend IKE with this peer first: without phase 1 there is no phase 2."
      state: failed
      tunnel: westford-vpn
"""
