#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/report.py, once for the play.

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Show a run of the fleet as a table of its tunnels
version_added: 1.0.0
description:
  - Prints the result of M(hubspoke.srx.transaction), M(hubspoke.srx.nhtb_verify), M(hubspoke.srx.remove),
    M(hubspoke.srx.rotate_keys), M(hubspoke.srx.recover), M(hubspoke.srx.drift), M(hubspoke.srx.troubleshoot),
    M(hubspoke.srx.trace), M(hubspoke.srx.traceoptions), M(hubspoke.srx.collect) or M(hubspoke.srx.preflight), and the
    path of its file. Runs once for the play.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
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
- name: Show the run
  hubspoke.srx.report:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
path:
  description: Path of the JSON report; empty where the run has written none.
  returned: success
  type: str
  sample: artifacts/20260312T091502-4be07a/report.json
reason:
  description: Kind of the error, for conditions in playbooks. V(failed) where there is no such run.
  returned: failure
  type: str
  sample: failed
"""
