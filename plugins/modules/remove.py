#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: remove
short_description: Take spokes, or the whole VPN, off the devices
description:
  - The hosts of the play lose their configuration group and where it is applied; the hub and all other spokes lose
    what they have for them. One transaction, as in M(hubspoke.srx.transaction), with the hub and the other spokes in
    it although the play is limited.
  - Where no spoke stays, the hub loses its group too. Each device is then as it was before the first deployment.
  - What was written for these hosts into O(artifacts_dir) is taken away.
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
  platform:
    support: full
    platforms: junos
options:
  all:
    description: Whether all spokes, and with them the hub, may be taken away.
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.outcome
"""

EXAMPLES = r"""
- name: Take the spokes of this play off the VPN
  hubspoke.srx.remove:
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
