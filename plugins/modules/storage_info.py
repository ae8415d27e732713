#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/ping.py through plugins/module_utils/_module_backends/operations.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_info
short_description: Read how full the file systems of an SRX are, and rate each
version_added: 1.0.0
description:
  - Returns the file systems of C(show system storage), by RPC C(get-system-storage).
  - Each has a state. Device trees and installed images are always full and V(skipped). A file system that the device
    writes to is V(ok), or V(failed) where it is fuller than O(max_used_percent), or where commits and logs have less
    than O(min_free_mib) of free space.
  - A full file system does not fail the task; test RV(state) for that.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._attributes.asks
options:
  max_used_percent:
    description: Highest share of used space in percent, 0 to 100.
    type: int
    default: 90
  min_free_mib:
    description: Least free space where commits and logs are written in MiB, 1048576 at most.
    type: int
    default: 20
  raw:
    description: Whether to return the whole reply as plain data in RV(raw) too.
    type: bool
    default: false
seealso:
  - module: hubspoke.srx.commit_info
"""

EXAMPLES = r"""
- name: Read how full the device is
  hubspoke.srx.storage_info:
  register: storage

- name: Assert that there is room for logs and commits
  ansible.builtin.assert:
    that: storage.state == 'ok'
    fail_msg: "{{ storage.msg }}"
"""

RETURN = r"""
state:
  description:
    - V(failed) where one file system is, else V(ok). V(unknown) where no file system that the device writes to is
      known.
  returned: success
  type: str
  sample: ok
msg:
  description: The file systems that are too full, with the remedy, or that there is room.
  returned: always
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
      description: Used part in percent as printed. May exceed 100, since the system reserves some room.
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
      description: Node of a chassis cluster that replied; none on a single device.
      type: str
    free_bytes:
      description: Free part in bytes; none where the reply could not be read.
      type: int
    state:
      description: V(ok), V(failed) or V(skipped).
      type: str
    reason:
      description: Reason for the state, with the remedy where it is V(failed).
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
