#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_info
short_description: Read how full the file systems of an SRX are, and judge each
description:
  - Answers the file systems of C(show system storage), by RPC C(get-system-storage).
  - Each is judged. Device trees and installed images are full by nature and V(skipped). What the device writes to is
    V(ok), or V(failed) where it is fuller than O(max_used_percent), or where commits and logs have less than
    O(min_free_mib) left.
  - It only tells. A full file system does not fail the task; test RV(state) for that.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  max_used_percent:
    description: How full a file system may be, in percent.
    type: int
    default: 90
  min_free_mib:
    description: What must be free at least where commits and logs are written, in MiB.
    type: int
    default: 20
  raw:
    description: Also answer the whole reply as plain data in RV(raw).
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.commit_info
"""

EXAMPLES = r"""
- name: How full the device is
  hubspoke.srx.storage_info:
  register: storage

- name: There is room for logs and commits
  ansible.builtin.assert:
    that: storage.state == 'ok'
    fail_msg: "{{ storage.msg }}"
"""

RETURN = r"""
state:
  description:
    - V(failed) where one file system is, else V(ok). V(unknown) where none could be judged.
  returned: success
  type: str
  sample: ok
msg:
  description: What is too full, with what to do, or that there is room.
  returned: success
  type: str
  sample: there is room where the device writes
filesystems:
  description: One entry per file system.
  returned: success
  type: list
  elements: dict
  sample:
    - available: 6.3G
      available_blocks: 13212057
      mounted_on: /.mount/var
      name: /dev/gpt/var
      node: null
      size: 7.0G
      total_blocks: 14680064
      used: 117M
      used_blocks: 239616
      used_percent: 2
      free_bytes: 6764573184
      state: ok
      reason: 2% used, 6.3G free
  contains:
    name:
      description: Name of the file system, most often a device.
      type: str
    mounted_on:
      description: Where it is mounted.
      type: str
    size:
      description: Size as printed.
      type: str
    used:
      description: Used part as printed.
      type: str
    available:
      description: Free part as printed.
      type: str
    used_percent:
      description: Used part in percent as printed. May exceed 100, since the system keeps some room for itself.
      type: int
    total_blocks:
      description: Size in blocks of 512 bytes; only XML replies have it.
      type: int
    used_blocks:
      description: Used blocks of 512 bytes; only XML replies have them.
      type: int
    available_blocks:
      description: Free blocks of 512 bytes; only XML replies have them.
      type: int
    node:
      description: Node of a chassis cluster that answered; none on a single device.
      type: str
    free_bytes:
      description: Free part in bytes, none where the device did not say it readably.
      type: int
    state:
      description: V(ok), V(failed) or V(skipped).
      type: str
    reason:
      description: Why, with what to do where it failed.
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
