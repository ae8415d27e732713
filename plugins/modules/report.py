#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Show a fleet's run as a table of its tunnels
description:
  - Prints what M(hubspoke.srx.transaction), M(hubspoke.srx.nhtb_verify), M(hubspoke.srx.troubleshoot) or
    M(hubspoke.srx.collect) found, and where its file is. Runs once for the play.
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
- name: Show what happened
  hubspoke.srx.report:
    run: "{{ fleet.run }}"
"""

RETURN = r"""
path:
  description: Where the JSON report is; empty in check mode, which writes none.
  returned: success
  type: str
  sample: artifacts/report.json
"""
