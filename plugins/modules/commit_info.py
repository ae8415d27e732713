#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: commit_info
short_description: Read the commit history of an SRX
description:
  - Answers the entries of C(show system commit), by RPC C(get-commit-information), the newest first.
  - A confirmed commit that still waits for its confirmation is told apart where the reply tells.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  raw:
    description: Also answer the whole reply as plain data in RV(raw).
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.outcome
  - module: hubspoke.srx.transaction
"""

EXAMPLES = r"""
- name: Who changed the device last
  hubspoke.srx.commit_info:
  register: history

- name: Nothing waits for a confirmation
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
      comment: waiting for proof
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
      description: What C(rollback) takes to go back to this configuration; V(0) is the running one.
      type: int
    date_time:
      description: When, in the device's words and time zone.
      type: str
    user:
      description: Who.
      type: str
    client:
      description: How the user was connected, for example V(cli) or V(netconf).
      type: str
    comment:
      description: The user's words; none without any.
      type: str
    confirmed_minutes:
      description: Window of a confirmed commit; none for any other.
      type: int
    pending:
      description: Whether the commit still waits for its confirmation; none where the reply does not tell.
      type: bool
    epoch_seconds:
      description: When, in seconds since 1970; only XML replies have it.
      type: int
    node:
      description: Node of a chassis cluster that answered; none on a single device.
      type: str
source:
  description: Whether V(xml) or V(text) was read.
  returned: success
  type: str
  sample: xml
notes:
  description: What looked odd in the reply.
  returned: success
  type: list
  elements: str
  sample: []
raw:
  description: The whole reply as plain data.
  returned: when O(raw=true)
  type: dict
"""
