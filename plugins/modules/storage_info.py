#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: storage_info
short_description: Read how full the file systems of an SRX are
description:
  - Answers the file systems of C(show system storage), by RPC C(get-system-storage).
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
  - module: hubspoke.srx.commit_info
"""

EXAMPLES = r"""
- name: How full the device is
  hubspoke.srx.storage_info:
  register: storage

- name: There is room for a commit
  ansible.builtin.assert:
    that: item.used_percent < 95
  loop: "{{ storage.filesystems | selectattr('mounted_on', 'match', '.*/var$') }}"
"""

RETURN = r"""
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
