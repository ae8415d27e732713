#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: traceoptions
short_description: Switch IKE and flow traces on or off
description:
  - Puts C(security ike traceoptions) and C(security flow traceoptions) with packet filters into a configuration group
    of their own, named after the VPN's group (V(hubspoke-trace)), or takes that group away.
  - They are switched on by a confirmed commit, so that the device itself undoes them after O(minutes). With O(keep)
    they stay until they are switched off.
  - Looks at the free storage first. Refuses to begin while a confirmed commit of another user is pending or somebody
    has uncommitted changes.
  - While the commit waits, any commit or commit check of anybody keeps the traces. Other modules of this collection
    refuse to work on the device meanwhile. M(hubspoke.srx.trace) holds the lock and switches off in the end, whatever
    happens; use it for a capture.
  - Runs once for the play. M(hubspoke.srx.outcome) gives every host its own result.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._trace
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: full
    details: On a private candidate, which leaves nothing behind.
  diff_mode:
    support: full
    details: Through M(hubspoke.srx.outcome).
  idempotent:
    support: partial
    details: Traces that are to be undone begin their time anew.
  platform:
    support: full
    platforms: junos
options:
  state:
    description: Whether there are to be traces.
    type: str
    choices: [present, absent]
    default: present
  keep:
    description: Whether the traces stay until they are switched off.
    type: bool
    default: false
  minutes:
    description: Minutes after which the device undoes what is not kept.
    type: int
    default: 10
seealso:
  - module: hubspoke.srx.trace
  - module: hubspoke.srx.ike_log_info
  - module: hubspoke.srx.storage_info
"""

EXAMPLES = r"""
- name: Trace what one host in Westford sends to the hub, for ten minutes
  hubspoke.srx.traceoptions:
    source: westford
    destination: corporate
    source_prefix: 192.168.178.20/32
  run_once: true

- name: Trace IKE alone until it is switched off
  hubspoke.srx.traceoptions:
    flow: false
    keep: true
  run_once: true

- name: No traces any more
  hubspoke.srx.traceoptions:
    state: absent
  run_once: true
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: What became of the traces, in a sentence.
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: "Traces: 2 traced until undone."
devices:
  description:
    - A mapping for each device in question, with C(host), C(state), C(message), C(diff) and C(warnings). The state is
      V(on), V(kept), V(off), V(unchanged), V(would_change), V(failed), V(unreachable) or V(skipped).
  returned: always, unless the arguments or the inventory are wrong
  type: list
  elements: dict
  sample:
    - host: corporate
      state: "on"
      message: traced; the device undoes that 10 minutes after now
summary:
  description: Number of devices by state.
  returned: always, unless the arguments or the inventory are wrong
  type: dict
reason:
  description: A word for the kind of error, to be tested by playbooks, as V(bad_pair) or V(bad_argument).
  returned: failure
  type: str
  sample: bad_argument
"""
