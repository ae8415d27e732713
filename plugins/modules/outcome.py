#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/outcome.py, once for each host.

from __future__ import annotations

DOCUMENTATION = r"""
module: outcome
short_description: Give each host its own share of a run of the fleet
version_added: 1.0.0
description:
  - The companion of the modules that run once for the whole play, as M(hubspoke.srx.transaction) and
    M(hubspoke.srx.nhtb_verify). Gives every host its own C(changed), C(failed), C(unreachable), diff and findings, so
    that the recap, C(--diff) and AWX's host events are right.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: The device's own comparison, with keys masked.
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos
options:
  run:
    description: >-
      The RV(hubspoke.srx.transaction#module:run) of the registered result, from the same ansible-playbook run.
    type: str
    required: true
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Give each host its outcome
  hubspoke.srx.outcome:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
state:
  description:
    - After a transaction, a removal, a rotation of keys or a recovery one of V(unchanged), V(would_change),
      V(confirmed), V(rolled_back), V(skipped) (not in the run), V(pending) (the device rolls back automatically) and
      V(unknown); after a verification V(unchanged) or V(skipped), whatever its findings.
    - After M(hubspoke.srx.drift), M(hubspoke.srx.trace), M(hubspoke.srx.traceoptions), M(hubspoke.srx.collect) and
      M(hubspoke.srx.preflight) the states that they name; after M(hubspoke.srx.troubleshoot) V(ok) (the device
      was read), V(failed) or V(skipped).
  returned: when the run has a result for the host
  type: str
  sample: rolled_back
findings:
  description: Differences from the plan, one entry per check and object; C(report.json) has all findings.
  returned: when the run has a result for the host
  type: list
  elements: dict
  sample:
    - host: corporate
      check: ipsec
      object: sunnyvale-vpn
      state: failed
      expected: inbound and outbound with 2.2.2.2 on st0.0
      tunnel: sunnyvale-vpn
      peer: sunnyvale
  contains:
    host:
      description: Name of the host that was queried.
      type: str
    check:
      description: Name of the check.
      type: str
    object:
      description: Object of the check, most often a VPN.
      type: str
    state:
      description: V(failed), V(unknown) or V(skipped).
      type: str
    expected:
      description: Planned value.
      type: str
    actual:
      description: Value on the device.
      type: str
    remedy:
      description: How to fix it; empty where nothing has to be fixed.
      type: str
    tunnel:
      description: Name of the VPN; empty where the object belongs to no tunnel.
      type: str
    peer:
      description: Host at the other end of the tunnel.
      type: str
    brief:
      description: Value on the device in a few words, for a table.
      type: str
reason:
  description: Kind of the error, for conditions in playbooks. V(failed) where the run has no result for the host.
  returned: when the run has no result for the host
  type: str
  sample: failed
"""
