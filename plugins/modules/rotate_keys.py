#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rotate_keys
short_description: Give tunnels new pre-shared keys, on both ends at once
description:
  - Every spoke of the play gets another key, and the hub the same for its tunnel. One transaction, as in
    M(hubspoke.srx.transaction), with the hub in it although the play is limited. If a tunnel does not come up with its
    new key, both ends get the old one back.
  - The new key is C(nhtb_new_pre_shared_key) of the host. Without it one is generated, 32 letters and digits, and
    written to C(nhtb_key_file) of the host, encrypted with a vault secret of this ansible-playbook run. No key is ever
    shown.
  - Nothing but keys may change. Where a device differs from the plan in anything else, nothing is committed.
  - The associations of these tunnels are cleared after the commit, since Junos may keep those of the old key until they
    are due. So each tunnel is down for as long as its negotiation takes.
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
    support: none
    details: Each run changes the keys once more.
  platform:
    support: full
    platforms: junos
options:
  vault_id:
    description:
      - Which of the vault secrets of this run encrypts the keys. Not needed where there is but one, or where
        C(vault_encrypt_identity) in the configuration of Ansible names it.
    type: str
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.outcome
"""

EXAMPLES = r"""
- name: New keys for the spokes of this play
  hubspoke.srx.rotate_keys:
    vault_id: network
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
