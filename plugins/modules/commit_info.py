#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: commit_info
short_description: Read the commit history of an SRX
version_added: 1.0.0
description:
  - Returns the entries of C(show system commit), by RPC C(get-commit-information), the newest first.
  - Marks a pending commit, where the reply does.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  raw:
    description: Whether to return the whole reply as plain data in RV(raw) too.
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.transaction
"""

EXAMPLES = r"""
- name: Read the commit history
  hubspoke.srx.commit_info:
  register: history

- name: Assert that no commit is pending
  ansible.builtin.assert:
    that: history.commits | selectattr('pending', 'ne', false) | length == 0
"""

RETURN = r"""
commits:
  description: One entry per commit that the device remembers, the newest first.
  returned: success
  type: list
  elements: dict
  sample:
    - client: netconf
      comment: waiting for verification
      confirmed_minutes: 5
      date_time: 2026-03-02 10:11:12 UTC
      epoch_seconds: 1772446272
      node: null
      pending: true
      sequence: 0
      user: alice
    - client: cli
      comment: first
      confirmed_minutes: null
      date_time: 2026-03-01 09:08:07 UTC
      epoch_seconds: 1772356087
      node: null
      pending: false
      sequence: 1
      user: bob
  contains:
    sequence:
      description: Number of the configuration for C(rollback); V(0) is the running one.
      type: int
    date_time:
      description: Time of the commit, in the device's words and time zone.
      type: str
    user:
      description: Name of the user.
      type: str
    client:
      description: How the user was connected, for example V(cli) or V(netconf).
      type: str
    comment:
      description: Comment of the user; none where there is none.
      type: str
    confirmed_minutes:
      description: Confirm window of a commit confirmed; none for any other.
      type: int
    pending:
      description: Whether the commit is pending; none where the reply does not show it.
      type: bool
    epoch_seconds:
      description: Time of the commit in seconds since 1970; only XML replies have it.
      type: int
    node:
      description: Node of a chassis cluster that replied; none on a single device.
      type: str
source:
  description: Form of the reply, V(xml) or V(text).
  returned: success
  type: str
  sample: xml
notes:
  description: Oddities of the reply.
  returned: success
  type: list
  elements: str
  sample: []
raw:
  description: The whole reply as plain data.
  returned: when O(raw=true)
  type: dict
reason:
  description: Kind of the error, for conditions in playbooks, as in V(unreachable), V(refused) or V(unexpected_reply).
  returned: failure
  type: str
  sample: unreachable
"""
