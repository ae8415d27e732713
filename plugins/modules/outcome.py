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
    M(hubspoke.srx.nhtb_verify). Gives every host its own C(changed), C(failed), C(unreachable), message and with
    C(--diff) its diff, so that the recap and AWX's host events are right. The report has its findings.
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
      The RV(hubspoke.srx.transaction#module:run) of the registered result, from the same ansible-playbook run. It or
      O(registered) is required.
    type: str
  registered:
    description: >-
      The name of the variable with the registered result, in place of O(run). Ansible compiles a template for each host
      anew; a name needs none, which saves time with many hosts.
    type: str
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Give each host its outcome
  hubspoke.srx.outcome:
    registered: fleet
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
msg:
  description:
    - The outcome in one sentence of at most 120 characters. A host that failed because of another one names that one
      and the object there.
  returned: always
  type: str
  sample: "rolled back: corporate: ike sunnyvale-vpn DOWN"
remedy:
  description: What to do; where the cause lies with another host, which one.
  returned: when there is something to do
  type: str
  sample: >-
    enter artifacts/latest/sunnyvale.screenos on sunnyvale; compare the pre-shared keys and the IKE parameters of
    corporate and sunnyvale; ansible-playbook hubspoke.srx.troubleshoot -l sunnyvale
detail:
  description: The whole text where RV(msg) is its beginning only.
  returned: when the text is longer than 120 characters
  type: str
  sample: >-
    corporate: run no-run: expected a result of hubspoke.srx.transaction or hubspoke.srx.nhtb_verify in this
    ansible-playbook run, actual none. Register the result of one of them and pass its run.
causes:
  description:
    - The root causes that lie with this host, at most five in at most 120 characters each. The report has all of them,
      with what follows from each.
  returned: when a cause lies with the host
  type: list
  elements: str
  sample: ["sunnyvale-vpn: IKE DOWN with 2.2.2.2"]
reason:
  description: >-
    Kind of the host's own error, for conditions in playbooks. V(failed) where the run has no result for the host.
  returned: when the host has an error of its own, or the run has no result for it
  type: str
  sample: failed
"""
