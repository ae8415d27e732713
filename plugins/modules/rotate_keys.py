#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/rotate_keys.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: rotate_keys
short_description: Give tunnels new pre-shared keys, on both ends at once
version_added: 1.0.0
description:
  - Gives every spoke of the play another key, and the hub the same key for its tunnel. One transaction, as in
    M(hubspoke.srx.transaction), in which the hub takes part although the play is limited. If a tunnel does not come up
    with its new key, both ends roll back to the old one.
  - The new key is C(nhtb_new_pre_shared_key) of the host. Without it one is generated, 32 letters and digits, and
    written to O(key_store). In a file it is encrypted with a vault secret of this ansible-playbook run. No key is ever
    shown.
  - Nothing but keys may change. Where a device differs from the plan in anything else, nothing is committed.
  - The associations of these tunnels are cleared after the commit, since Junos may keep those of the old key until they
    expire. Each tunnel is down while it negotiates.
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
    support: none
    details: Each run changes the keys once more.
  platform:
    support: full
    platforms: junos
options:
  key_store:
    description:
      - Where a new key is kept. The place must outlive the run, and has the old key and the new one until the commits
        are confirmed on both ends.
      - With V(file) it is C(nhtb_key_file) of the host. A file in the folder of an C(ansible-runner) job, as of AWX, or
        outside of the mounts of its container is refused. A key that C(nhtb_new_pre_shared_key) gives, as from a survey
        of AWX, needs no file.
      - With V(hashi_vault) it is a secret of HashiCorp Vault, key-value engine version 2, C(nhtb_key_store_path) of the
        host. Needs the collection C(community.hashi_vault), 2.5.0 or later, and its Python library C(hvac). The
        variables C(ansible_hashi_vault_url) and so on tell how to log in, as for the lookups of that collection.
    type: str
    choices: [file, hashi_vault]
    default: file
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
  sample: "Verified and confirmed. Hosts: 2 confirmed, 1 skipped; 9 of 9 checks ok, 0 failed, 0 unknown."
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
      ok: 9
      failed: 0
      unknown: 0
      skipped: 0
    tunnels:
      up: 1
      down: 0
      unknown: 0
      not_checked: 1
reason:
  description: Kind of the error, for conditions in playbooks, as in V(bad_inventory) or V(bad_argument).
  returned: when no run has begun
  type: str
  sample: bad_inventory
"""
