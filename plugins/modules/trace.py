#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: trace
short_description: Capture IKE and flow traces, and leave none behind
description:
  - Switches traces on at both ends of the tunnels in question, lets something be seen, switches them off, and only then
    fetches the files. The group, the filters and the checks before it are those of M(hubspoke.srx.traceoptions).
  - What is seen is what happens in O(seconds), after the pings from LAN to LAN of O(ping), and after the negotiation
    that O(negotiate) brings about.
  - No traces stay on, whatever fails. An error, a lost session, an interrupt or a termination leads to the same end,
    and a refused commit is tried again. Where the controller dies the device undoes the commit by itself, within a few
    minutes. The candidate is locked meanwhile, since anybody's commit would keep the traces.
  - A device that fails does not keep the others from being traced. The files of the others are there.
  - Runs once for the play. M(hubspoke.srx.outcome) gives every host its own result, and fails where the device did.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._device
  - hubspoke.srx._trace
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: full
    details: Says what would be switched on, on a private candidate, which leaves nothing behind.
  diff_mode:
    support: full
    details: M(hubspoke.srx.report) shows it in check mode, with or without C(--diff).
  idempotent:
    support: full
    details: The configuration is the same before and after.
  platform:
    support: full
    platforms: junos
options:
  seconds:
    description: Seconds to wait with the traces on, 0 to 3600.
    type: float
    default: 5
  ping:
    description: Whether to ping from LAN to LAN along the traffic in question, which also starts a tunnel that waits.
    type: bool
    default: true
  negotiate:
    description:
      - Whether to clear the associations of the tunnels in question, and no others, so that they are negotiated anew.
        Traffic stops until they are up again.
    type: bool
    default: false
  copy_to:
    description:
      - A URL of a folder that each device copies its trace files to with C(file copy), as in V(ftp://192.0.2.10/traces).
        The files are then named V(HOST-FILE). A password in it is masked in all that is said.
    type: str
  delete_files:
    description:
      - Whether to delete the trace files on the devices once they were fetched, and copied where O(copy_to) is given.
        The device's own logs are never deleted.
    type: bool
    default: true
seealso:
  - module: hubspoke.srx.traceoptions
  - module: hubspoke.srx.troubleshoot
  - module: hubspoke.srx.ike_log_info
"""

EXAMPLES = r"""
- name: See what becomes of a negotiation and of a ping
  hubspoke.srx.trace:
    source: westford
    destination: corporate
    negotiate: true
  register: traces
  run_once: true

- name: Give each host its outcome
  hubspoke.srx.outcome:
    run: "{{ traces.run }}"
"""

RETURN = r"""
run:
  description: Name of this run, for the tasks that follow.
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: 20260312T091502-4be07a
decision:
  description: What became of the capture, in a sentence.
  returned: always, unless the arguments or the inventory are wrong
  type: str
  sample: "Traces: 2 captured, and not traced any more."
devices:
  description:
    - A mapping for each device in question, with C(host), C(state), C(message), C(warnings), the C(files) (each with
      C(name), C(path) on the controller and number of C(lines)), the C(pings), and the C(failures) of negotiations that
      the trace of IKE tells of, each with C(cause) and C(remedy). The state is V(captured), V(would_change), V(failed),
      V(unreachable) or V(skipped).
  returned: always, unless the arguments or the inventory are wrong
  type: list
  elements: dict
  sample:
    - host: corporate
      state: captured
      files:
        - name: hubspoke-ike
          path: artifacts/trace/20260312T091502-4be07a/corporate/hubspoke-ike
          lines: 46
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
