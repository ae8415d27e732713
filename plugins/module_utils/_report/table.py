# Copyright (c) The hubspoke.srx authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change at any time.

"""A report as a table of the tunnels, with each finding that is not ok."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.hubspoke.srx.plugins.module_utils._model.finding import Finding
from ansible_collections.hubspoke.srx.plugins.module_utils._report.columns import format_columns
from ansible_collections.hubspoke.srx.plugins.module_utils._report.content import COLUMNS

_MARK = {"ok": "", "failed": " !", "unknown": " ?", "skipped": ""}
_REMEDY_INDENT = "    "


def table(content: t.Mapping[str, t.Any]) -> str:
    """Return a report() as text: a table of the tunnels, each finding that is not ok, the hosts, the decision.

    In the table, an exclamation mark follows a failed value, a question mark an unknown one.
    """
    rows = [
        [row["host"], row["vpn"], row["peer"], *(row[check]["text"] + _MARK[row[check]["state"]] for check in COLUMNS)]
        for row in content["tunnels"]
    ]
    bad = [
        _format_finding(Finding(**finding))
        for host in content["hosts"]
        for finding in host["findings"]
        if finding["state"] in ("failed", "unknown")
    ]
    blocks = [
        format_columns(["Host", "VPN", "Peer", *COLUMNS.values()], rows) if rows else "",
        "\n".join(bad),
        "\n".join(f"{host['host']}: {host['message'] or host['state']}" for host in content["hosts"]),
        content["decision"],
    ]
    return "\n\n".join(block for block in blocks if block)


def _format_finding(finding: Finding) -> str:
    """Return a finding in words, its remedy on a second line."""
    words = str(replace(finding, remedy=""))
    return f"{words}\n{_REMEDY_INDENT}{finding.remedy}" if finding.remedy else words
