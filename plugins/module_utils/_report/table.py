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
from ansible_collections.hubspoke.srx.plugins.module_utils._report.tunnels import COLUMNS

_MARK = {"ok": "", "failed": " !", "unknown": " ?", "skipped": ""}
_HEAD = ("VPN", "Spoke", "Binding", "State", *COLUMNS.values())
_REMEDY_INDENT = "    "


def table(content: t.Mapping[str, t.Any]) -> str:
    """Return a report() as text: the tunnels, each finding that is not ok, the hosts, the decision."""
    bad = [
        _format_finding(finding)
        for host in content["hosts"]
        for finding in host["findings"]
        if finding["state"] in ("failed", "unknown")
    ]
    blocks = [
        tunnel_table(content),
        "\n".join(bad),
        "\n".join(f"{host['host']}: {host['message'] or host['state']}" for host in content["hosts"]),
        content["decision"],
    ]
    return "\n\n".join(block for block in blocks if block)


def tunnel_table(content: t.Mapping[str, t.Any]) -> str:
    """Return the tunnels that were checked as rows, empty without any.

    The spoke's end has a row of its own where the spoke sees the tunnel in another state than the hub. An exclamation
    mark follows a failed value, a question mark an unknown one.
    """
    rows: list[list[str]] = []
    for row in content.get("tunnels", ()):
        if row["state"] == "not_checked":
            continue
        rows.append([row["vpn"], row["peer"], row["binding"], row["state"], *_cells(row)])
        if row["spoke"] and not _is_good(row["spoke"]):
            rows.append(["", f"at {row['peer']}", "", "", *_cells(row["spoke"])])
    return format_columns(_HEAD, rows) if rows else ""


def _cells(cells: t.Mapping[str, t.Any]) -> list[str]:
    return [cells[check]["text"] + _MARK[cells[check]["state"]] for check in COLUMNS]


def _is_good(cells: t.Mapping[str, t.Any]) -> bool:
    return all(cells[check]["state"] in ("ok", "skipped") for check in COLUMNS)


def _format_finding(finding: t.Mapping[str, t.Any]) -> str:
    """Return a finding in words, its remedy on a second line."""
    own = {name: value for name, value in finding.items() if name != "cause"}
    words = str(replace(Finding(**own), remedy=""))
    return f"{words}\n{_REMEDY_INDENT}{finding['remedy']}" if finding["remedy"] else words
