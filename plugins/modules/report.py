#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Report a fleet's run as JSON and as a table
description:
  - Writes C(report.json) into the artifacts folder and prints a table of the tunnels. Runs once for the play.
author: The hubspoke.srx authors
extends_documentation_fragment:
  - hubspoke.srx._attributes
attributes:
  check_mode:
    support: full
    details: Prints the table and writes nothing.
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos
  action_group:
    support: full
options:
  run:
    description: The RV(hubspoke.srx.transaction#module:run) of the registered result, from the same ansible-playbook run.
    type: str
    required: true
  artifacts_dir:
    description: Folder for C(report.json).
    type: path
    default: artifacts
seealso:
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Show and keep what happened
  hubspoke.srx.report:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
path:
  description: Where the JSON report is.
  returned: not in check mode
  type: str
  sample: artifacts/report.json
"""
