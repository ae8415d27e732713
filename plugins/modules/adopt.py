#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: adopt
short_description: Write an inventory for a VPN that was configured by hand
description:
  - Reads the committed configuration of the hub in C(nhtb_hubs) and of the Junos spokes in C(nhtb_spokes), finds the
    VPN of the hub's multipoint st0 unit and its ends, and writes an inventory that plans the same. Devices are only
    read.
  - A spoke that is not read, such as one with ScreenOS, is planned from the hub's configuration and from the C(nhtb_)
    variables that it has already.
  - Lists, by device, how many statements move from the top level into the configuration group, which ones change, and
    which ones about the tunnels stay at the top level. M(hubspoke.srx.transaction) with C(take_over) makes the move, as
    one transaction.
  - Runs once for the play. Nothing is written unless all devices can be read.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details: The folder must be new or empty.
  platform:
    support: full
    platforms: junos
options:
  artifacts_dir:
    description: Folder for C(adopt.json), which has the lists.
    type: path
    default: artifacts
  inventory_dir:
    description: Folder for the inventory; a new or an empty one.
    type: path
    default: adopted
  parts:
    description:
      - Parts to plan that devices usually have without a VPN. The others stay outside the group.
    type: list
    elements: str
    choices: [lan_interfaces, wan_interface, default_route, internet_policy, zones]
    default: []
  vault_id:
    description:
      - Which vault secret of the run encrypts the pre-shared keys. Not needed with a single one.
      - Without any vault secret the keys are not written.
    type: str
  sessions:
    description: How many devices are read at a time.
    type: int
    default: 30
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.drift
"""

EXAMPLES = r"""
- name: Write an inventory for an existing VPN
  hubspoke.srx.adopt:
    inventory_dir: inventories/branches
  run_once: true
"""

RETURN = r"""
written:
  description: Names of the files.
  returned: success
  type: list
  elements: str
  sample: [group_vars/nhtb/key.yml, host_vars/corporate/nhtb.yml, host_vars/westford/nhtb.yml, hosts.yml]
devices:
  description: By host, how many statements move (C(moved)), which ones change, and which ones stay. Keys are masked.
  returned: success
  type: dict
  sample:
    westford:
      moved: 31
      changes: []
      stays: []
remarks:
  description: Facts that the inventory does not have.
  returned: success
  type: list
  elements: str
  sample: []
incomplete:
  description: Variables to add before the inventory can be deployed.
  returned: success
  type: list
  elements: str
  sample: []
reason:
  description: A word for the kind of error, to be tested by playbooks.
  returned: failure
  type: str
  sample: unreachable
"""
