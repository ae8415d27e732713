#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/adopt.py, in one run for the whole play.

from __future__ import annotations

DOCUMENTATION = r"""
module: adopt
short_description: Write an inventory for a VPN that was configured by hand
version_added: 1.0.0
description:
  - Reads the committed configuration of the hub in C(nhtb_hubs) and of the Junos spokes in C(nhtb_spokes), finds the
    VPN of the hub's multipoint st0 unit and its ends, and writes an inventory that plans the same. Devices are only
    read.
  - A spoke that is not read, as one with ScreenOS, is planned from what the hub has for it, and from the C(nhtb_)
    variables that it has already.
  - Refuses, in one message, statements without which the VPN would be another one and which no variable expresses, and
    what would become weaker or be lost unless O(accept) names it.
  - Lists, by device, how many statements move from the top level to the configuration group, which of them the group
    would change, and which ones about the tunnels stay where they are. M(hubspoke.srx.transaction) with C(take_over)
    makes the move, as one transaction.
  - Runs once for the play, which must have all hosts of both groups. Where one device cannot be read, nothing is
    written.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._attributes
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.sessions
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details: The folder has to be new or empty.
  platform:
    support: full
    platforms: junos
options:
  artifacts_dir:
    description:
      - Folder of the runs. Each writes a folder of its own in it, named after its start, with C(adopt.json),
        which has the same lists. In check mode too.
      - The symbolic link C(latest) in it points to the newest one. Only the owner of the files can read them.
    type: path
    default: artifacts
  artifacts_keep:
    description:
      - Run folders in O(artifacts_dir) that stay, 1 to 10000, that of this run among them. Older ones are removed.
    type: int
    default: 20
  accept:
    description:
      - What the plan may change although it is weaker than on the devices, or loses something. Without the name of its
        kind here, such a change ends the run, and nothing is written.
      - V(cryptography) is a weaker proposal, a weaker or no perfect forward secrecy, an older IKE version, or a weaker
        mode. V(next_hop) is a route with fewer next hops. V(routing_protocol) is a routing protocol over the tunnels,
        whose routes the planned static ones override. V(backup_address) is a further address of a gateway. V(identity),
        V(proxy_identity) and V(vpn_monitor) are the statements of these names. V(zone_pair) is a policy between planned
        zones, where C(nhtb_own_zone_pairs=true) has it deleted.
    type: list
    elements: str
    choices:
      - backup_address
      - cryptography
      - identity
      - next_hop
      - proxy_identity
      - routing_protocol
      - vpn_monitor
      - zone_pair
    default: []
  inventory_dir:
    description: Folder for the inventory; a new or an empty one.
    type: path
    default: adopted
  parts:
    description:
      - Parts that devices usually have without a VPN, to be planned too. The others stay unmanaged, as with
        C(nhtb_manage_zones=false). A statement that is in the group is deleted with the VPN.
    type: list
    elements: str
    choices: [lan_interfaces, wan_interface, default_route, internet_policy, zones]
    default: []
  vault_id:
    description:
      - Which of the vault secrets of this run encrypts the keys. Not needed where there is but one.
      - Without any vault secret the keys are not written.
    type: str
notes:
  - The variable of O(inventory_dir) is C(nhtb_adopt_dir), that of O(parts) C(nhtb_adopt_parts), that of
    O(accept) C(nhtb_adopt_accept).
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.drift
"""

EXAMPLES = r"""
- name: Write the inventory of the VPN that the devices have
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
  sample:
    - group_vars/nhtb/key.yml
    - host_vars/corporate/nhtb.yml
    - host_vars/sunnyvale/nhtb.yml
    - host_vars/westford/nhtb.yml
    - hosts.yml
devices:
  description:
    - Statements by host, as the number of those that move (C(moved)), and lists of those that the group would change
      (C(changes)) and of those that stay where they are (C(stays)). Keys are masked.
  returned: success
  type: dict
  sample:
    corporate:
      moved: 58
      changes: []
      stays: []
    westford:
      moved: 40
      changes: []
      stays: []
remarks:
  description: Facts that the inventory does not express.
  returned: success
  type: list
  elements: str
  sample: []
incomplete:
  description: Variables that have to be added before the inventory can be deployed.
  returned: success
  type: list
  elements: str
  sample: []
reason:
  description: Kind of the error, for conditions in playbooks, as in V(unreachable) or V(bad_argument).
  returned: failure
  type: str
  sample: failed
"""
