#!/usr/bin/python
# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Done by plugins/action/report_formats.py, once for the play.

from __future__ import annotations

DOCUMENTATION = r"""
module: report_formats
short_description: Make the forms of a report again from its file, and compare two reports
version_added: 1.0.0
description:
  - Reads the C(report.json) of an earlier run, and writes its other forms anew, into the folder of that file.
  - With O(compare_with) it says what came up, went down and changed between two runs, and writes C(compare.md), which
    says the same for a merge request or a ticket.
  - Contacts no device, and needs no inventory. Runs once for the play.
author: The hubspoke.srx authors (@hubspoke)
extends_documentation_fragment:
  - hubspoke.srx._attributes
  - hubspoke.srx._fleet
  - hubspoke.srx._fleet.report
attributes:
  check_mode:
    support: full
    details: It compares, and writes nothing.
  diff_mode:
    support: none
  idempotent:
    support: full
  platform:
    support: full
    platforms: junos
options:
  report:
    description:
      - The C(report.json) of a run. The other forms are written into its folder. Where that is a symbolic link, as
        C(latest) is, into the folder that it points to.
    type: path
    default: artifacts/latest/report.json
  compare_with:
    description: The C(report.json) of the earlier run to compare with.
    type: path
notes:
  - Its variables are those of the play's first host. For the V(localhost) of C(playbooks/report.yml) these are the ones
    of C(group_vars/all) and of the command line.
seealso:
  - module: hubspoke.srx.report
  - module: hubspoke.srx.transaction
  - module: hubspoke.srx.nhtb_verify
"""

EXAMPLES = r"""
- name: Make a JUnit file of the last run
  hubspoke.srx.report_formats:
    report_formats: [junit]

- name: Compare two runs
  hubspoke.srx.report_formats:
    report: artifacts/20260313T020000-77e0c1/report.json
    compare_with: artifacts/20260312T091502-4be07a/report.json
  register: compared

- name: Require that nothing has changed
  ansible.builtin.assert:
    that: not compared.changes
"""

RETURN = r"""
folder:
  description: The folder of the report.
  returned: success
  type: str
  sample: artifacts/20260313T020000-77e0c1
written:
  description: Names of the files that were written; those that were the same already are not.
  returned: success
  type: list
  elements: str
  sample: [junit.xml]
verdict:
  description: The verdict of the run, V(ok), V(failed) or V(unknown).
  returned: success
  type: str
  sample: ok
changes:
  description: Number of changes by kind, as C(came_up), C(went_down) and C(hosts); empty where nothing changed.
  returned: success
  type: dict
  sample:
    went_down: 1
    new_causes: 1
reason:
  description: Kind of the error, for conditions in playbooks. V(bad_report) where a file is no report of this format.
  returned: failure
  type: str
  sample: bad_report
"""
